import type { Material } from '$lib/bindings/Material';
import type { SpoolForm } from '$lib/bindings/SpoolForm';
import type { SpoolView } from '$lib/bindings/SpoolView';

/** What a colour field shows before one is chosen. */
const BLACK = `#${'0'.repeat(6)}`;

/** A spool while it is entered: an empty number field is `null`. */
export interface Draft {
  name: string;
  vendor: string;
  material: string;
  color: string;
  colored: boolean;
  location: string;
  notes: string;
  archived: boolean;
  diameter_mm: number | null;
  density: number | null;
  net_g: number | null;
  empty_g: number | null;
  left_g: number | null;
  price: number | null;
  hotend_c: number | null;
  bed_c: number | null;
}

/** Fields that hold a number. */
export type NumberKey = {
  [K in keyof Draft]: Draft[K] extends number | null ? K : never;
}[keyof Draft];

export const blank = (spool: SpoolView | null): Draft => ({
  name: spool?.name ?? '',
  vendor: spool?.vendor ?? '',
  material: spool?.material ?? '',
  color: spool?.color ?? BLACK,
  colored: spool?.color != null,
  location: spool?.location ?? '',
  notes: spool?.notes ?? '',
  archived: spool?.archived_at != null,
  diameter_mm: spool?.diameter_mm ?? 1.75,
  density: spool?.density ?? null,
  net_g: spool?.net_g ?? 1000,
  empty_g: spool?.empty_g ?? null,
  left_g: null,
  price: spool?.price ?? null,
  hotend_c: spool?.hotend_c ?? null,
  bed_c: spool?.bed_c ?? null,
});

const of = (materials: readonly Material[], name: string): Material | undefined =>
  materials.find((material) => material.name.toLowerCase() === name.trim().toLowerCase());

/** Fills in what the material usually needs, where nothing of the person's own stands. */
export function withMaterial(draft: Draft, name: string, materials: readonly Material[]): Draft {
  const [before, now] = [of(materials, draft.material), of(materials, name)];
  if (!now) return { ...draft, material: name };
  const usual = (value: number | null, was: number | undefined, is: number): number =>
    value === null || value === was ? is : value;
  return {
    ...draft,
    material: name,
    density: usual(draft.density, before?.density, now.density),
    hotend_c: usual(draft.hotend_c, before?.hotend_c, now.hotend_c),
    bed_c: usual(draft.bed_c, before?.bed_c, now.bed_c),
  };
}

/** What is missing; empty when it can be saved. */
export function fits(draft: Draft): string {
  if (draft.name.trim() === '') return 'Give it a name.';
  if (draft.diameter_mm === null) return 'Enter the diameter.';
  if (draft.net_g === null) return 'Enter what is on a full spool.';
  return '';
}

/** The draft as the core takes it. */
export const asForm = (draft: Draft, spool: SpoolView | null): SpoolForm => ({
  name: draft.name.trim(),
  vendor: draft.vendor,
  material: draft.material,
  color: draft.colored ? draft.color : null,
  diameter_mm: draft.diameter_mm ?? spool?.diameter_mm ?? 1.75,
  density: draft.density,
  net_g: draft.net_g ?? spool?.net_g ?? 1000,
  empty_g: draft.empty_g,
  price: draft.price,
  location: draft.location,
  notes: draft.notes,
  hotend_c: draft.hotend_c,
  bed_c: draft.bed_c,
  archived: draft.archived,
  left_g: draft.left_g,
});
