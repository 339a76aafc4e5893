import type { FileView } from '$lib/bindings/FileView';
import type { GCodeFile } from '$lib/bindings/GCodeFile';
import type { FilePrints } from '$lib/bindings/FilePrints';
import type { DotState } from '$lib/bindings/DotState';
import { counted, filament } from '$lib/format/numbers';

/** What the core read from a file; all of it may be missing. */
export interface Facts {
  layers: number | null;
  layerHeight: number | null;
  height: number | null;
  size: [number, number, number] | null;
  hotend: number | null;
  bed: number | null;
  grams: number | null;
  /** The grams are the slicer's, or go by a diameter that the file names. */
  namesDiameter: boolean;
  material: string;
  slicer: string;
}

type Json = Record<string, unknown>;

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads `metadata_json`: written by us, from files that anyone may have made. */
export function facts(file: Pick<GCodeFile, 'metadata_json'>): Facts {
  const json = parse(file.metadata_json);
  const slicer = isRecord(json['slicer']) ? json['slicer'] : {};
  const claims = isRecord(json['claims']) ? json['claims'] : {};
  const of = (...keys: string[]): unknown => keys.map((k) => json[k] ?? claims[k]).find((v) => v != null);
  return {
    layers: number(of('layer_count', 'layers')),
    layerHeight: number(of('layer_height', 'layer_height_mm')),
    height: number(of('object_height')),
    size: sizeOf(json['extents']),
    hotend: number(of('max_hotend_c')),
    bed: number(of('max_bed_c')),
    grams: sum(of('filament_grams', 'filament_g')),
    namesDiameter:
      json['filament_g_assumed'] !== true ||
      (Array.isArray(claims['diameters']) && claims['diameters'].length > 0),
    material: text(of('filament_type', 'material')),
    slicer: [text(slicer['name']) || text(json['slicer']), text(slicer['version'])].filter(Boolean).join(' '),
  };
}

function parse(metadata: string | null): Json {
  try {
    const json: unknown = JSON.parse(metadata ?? '{}');
    return isRecord(json) ? json : {};
  } catch {
    return {};
  }
}

/** One number, or those of several tools together. */
function sum(value: unknown): number | null {
  if (!Array.isArray(value)) return number(value);
  const all = value.map(number).filter((n) => n !== null);
  return all.length ? all.reduce((a, b) => a + b, 0) : null;
}

function sizeOf(extents: unknown): [number, number, number] | null {
  if (!Array.isArray(extents) || extents.length < 3) return null;
  const [x, y, z] = extents.map((pair: unknown) =>
    Array.isArray(pair) ? (number(pair[1]) ?? NaN) - (number(pair[0]) ?? NaN) : NaN,
  );
  if (x === undefined || y === undefined || z === undefined || Number.isNaN(x + y + z)) return null;
  return [x, y, z];
}

/** `66 g`, or the length where the weight is not known. */
export function filamentWord(file: GCodeFile): string {
  const { grams } = facts(file);
  return grams === null ? filament(file.filament_total) : `${Math.round(grams)} g`;
}

/** `4 prints`, `1 failed`, or nothing when it was never printed. */
export function printsWord(prints: FilePrints): string {
  if (prints.count === 0) return '';
  if (prints.failed > 0) return `${prints.failed} failed`;
  return counted(prints.count, 'print');
}

const LAST: Record<NonNullable<FilePrints['last']>, { word: string; mark: DotState }> = {
  under_way: { word: 'Printing now', mark: 'ok' },
  finished: { word: 'Finished', mark: 'ok' },
  cancelled: { word: 'Cancelled', mark: 'unknown' },
  interrupted: { word: 'Interrupted', mark: 'danger' },
  failed: { word: 'Failed', mark: 'danger' },
};

/** How the last print of a file went. */
export function lastPrint(file: FileView): { word: string; mark: DotState } | null {
  const { last } = file.vigil.prints;
  return last === null ? null : LAST[last];
}
