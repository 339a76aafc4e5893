import { unix } from '$lib/format/time';

type Fields = Record<string, unknown>;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/**
 * Reads the record of looks of a print: Unix seconds and the gauge, 0 to 1.
 * Rows that say neither are left out.
 */
export function readCurve(rows: unknown): [number, number][] {
  if (!Array.isArray(rows)) return [];
  const curve: [number, number][] = [];
  for (const row of rows as unknown[]) {
    const look = fields(fields(row)['fields']);
    const secs = unix(typeof look['updated_at'] === 'string' ? look['updated_at'] : null);
    const risk = number(look['normalized_p']);
    if (secs !== null && risk !== null) curve.push([secs, risk]);
  }
  return curve;
}
