import type { Retention, Storage } from '$lib/api/storage';

export interface Part {
  key: 'media' | 'files' | 'database' | 'copies' | 'others' | 'free';
  text: string;
  bytes: number;
}

/** What the disk holds: ours part by part, that of others, and what is free. */
export function parts(all: Storage): Part[] {
  const ours: Part[] = [
    { key: 'media', text: 'Pictures and timelapses', bytes: all.media_bytes },
    { key: 'files', text: 'G-code files', bytes: all.files_bytes },
    { key: 'database', text: 'History', bytes: all.database_bytes },
    { key: 'copies', text: 'Database backups', bytes: all.copies_bytes },
  ];
  const { free_bytes: free, total_bytes: total } = all;
  if (free === null || total === null) return ours;
  const sum = ours.reduce((bytes, part) => bytes + part.bytes, 0);
  return [
    ...ours,
    { key: 'others', text: 'All else on this disk', bytes: Math.max(0, total - free - sum) },
    { key: 'free', text: 'Free', bytes: free },
  ];
}

/** The choices, and what they count in. */
export const RULES: readonly {
  key: keyof Retention;
  text: string;
  unit: string;
  /** Of the stored number in one of the unit. */
  each: number;
  usual: number;
}[] = [
  { key: 'pictures_days', text: 'Drop pictures after', unit: 'days', each: 1, usual: 90 },
  { key: 'films_days', text: 'Drop timelapses after', unit: 'days', each: 1, usual: 365 },
  { key: 'max_bytes', text: 'Pictures and timelapses take at most', unit: 'GB', each: 1e9, usual: 20 },
  { key: 'max_prints', text: 'Pictures of at most', unit: 'prints', each: 1, usual: 200 },
];

/** Whether anything is ever dropped by itself. */
export const tidies = (retention: Retention): boolean => RULES.some((rule) => retention[rule.key] !== null);

/** Whether a choice drops more than the one before it: then it is asked for. */
export function stricter(rule: keyof Retention, before: Retention, after: Retention): boolean {
  const [old, now] = [before[rule], after[rule]];
  return now !== null && (old === null || now < old);
}
