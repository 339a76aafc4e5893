import type { Geometry } from './geometry';

/** What lines of plastic are for, in the groups that are told apart by colour. */
export const GROUPS = ['travel', 'wall', 'infill', 'solid', 'bridge', 'support', 'brim', 'other'] as const;
export type Group = (typeof GROUPS)[number];

export const GROUP_NAMES: Record<Group, string> = {
  travel: 'Travel',
  wall: 'Wall',
  infill: 'Infill',
  solid: 'Solid',
  bridge: 'Bridge',
  support: 'Support',
  brim: 'Brim, tower',
  other: 'Other',
};

/** Group of each kind that the core sends. */
const OF_KIND: readonly Group[] = [
  'travel',
  'other',
  'wall',
  'wall',
  'bridge',
  'solid',
  'infill',
  'solid',
  'bridge',
  'infill',
  'support',
  'support',
  'brim',
  'brim',
  'solid',
  'other',
];

export function groupOf(kind: number): Group {
  return OF_KIND[kind] ?? 'other';
}

/** Groups that occur in a layer, in their own order. */
export function groupsIn(geometry: Geometry): Group[] {
  const there = new Set<Group>();
  const seen = new Uint8Array(256);
  for (const kind of geometry.kinds) seen[kind] = 1;
  seen.forEach((yes, kind) => {
    if (yes) there.add(groupOf(kind));
  });
  return GROUPS.filter((group) => there.has(group));
}

export type Colouring = 'feature' | 'width';

/** The app's colours, read from where they are named. */
export class Palette {
  readonly groups: Record<Group, string>;
  readonly line: string;
  readonly faint: string;
  readonly head: string;
  readonly inside: string;
  readonly widths: string[];

  constructor(element: Element) {
    const style = getComputedStyle(element);
    const token = (name: string): string => style.getPropertyValue(name).trim();
    this.groups = Object.fromEntries(GROUPS.map((g) => [g, token(`--path-${g}`)])) as Record<Group, string>;
    this.line = token('--line-2');
    this.faint = token('--path-faint');
    this.head = token('--text');
    this.inside = token('--surface');
    this.widths = [1, 2, 3, 4, 5].map((n) => token(`--width-${n}`));
  }

  of(geometry: Geometry, piece: number, colouring: Colouring): string {
    const kind = geometry.kinds[piece] ?? 0;
    if (kind === 0 || colouring === 'feature') return this.groups[groupOf(kind)];
    return this.widths[widthStep(geometry.widths[piece] ?? 0)] ?? this.faint;
  }
}

/** Below 0.3, 0.4, 0.5 and 0.7 mm, and above. */
export const WIDTH_STEPS = [0.3, 0.4, 0.5, 0.7] as const;

export function widthStep(width: number): number {
  const step = WIDTH_STEPS.findIndex((limit) => width < limit - 1e-4);
  return step < 0 ? WIDTH_STEPS.length : step;
}
