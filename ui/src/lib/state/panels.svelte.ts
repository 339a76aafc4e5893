/** Parts of the Print page that a person may put elsewhere or out of sight. The picture, the print and its buttons are none. */
export const PANELS = [
  { id: 'layer', name: 'Layer that is printed' },
  { id: 'home', name: 'Home, heat and filament' },
  { id: 'temperatures', name: 'Temperatures' },
  { id: 'adjust', name: 'Adjust' },
  { id: 'queue', name: 'Queue' },
  { id: 'events', name: 'Recent events' },
] as const;
export type PanelId = (typeof PANELS)[number]['id'];

/** One panel, in its place. */
export interface Panel {
  id: PanelId;
  shown: boolean;
}

const KEPT = 'printvigil.panels.';

/** What was kept: known panels in their order, those that it does not know behind them, as they are from the start. */
export function readPanels(text: string | null): Panel[] {
  let kept: unknown = null;
  try {
    kept = JSON.parse(text ?? 'null');
  } catch {
    // As good as nothing.
  }
  const found: Panel[] = [];
  for (const one of Array.isArray(kept) ? (kept as unknown[]) : []) {
    const { id, shown } = (one ?? {}) as { id?: unknown; shown?: unknown };
    const panel = PANELS.find((panel) => panel.id === id);
    if (panel && !found.some((other) => other.id === panel.id))
      found.push({ id: panel.id, shown: shown !== false });
  }
  return [
    ...found,
    ...PANELS.filter(({ id }) => !found.some((one) => one.id === id)).map(({ id }) => ({ id, shown: true })),
  ];
}

/** The panels of each printer, as they are wanted in this window. */
class Panels {
  #all = $state.raw<ReadonlyMap<number, Panel[]>>(new Map());

  of(printer: number): Panel[] {
    return this.#all.get(printer) ?? readPanels(localStorage.getItem(`${KEPT}${printer}`));
  }
  /** Those of some that are shown, in their order. */
  shown<T extends PanelId>(printer: number, some: readonly T[]): T[] {
    const wanted = this.of(printer).filter((panel) => panel.shown);
    return wanted.flatMap(({ id }) => some.filter((one) => one === id));
  }
  set(printer: number, panels: Panel[]): void {
    this.#all = new Map(this.#all).set(printer, panels);
    localStorage.setItem(`${KEPT}${printer}`, JSON.stringify(panels));
  }
  /** As they are from the start. */
  reset(printer: number): void {
    this.set(printer, readPanels(null));
    localStorage.removeItem(`${KEPT}${printer}`);
  }
}

export const panels = new Panels();
