import type { IgnoreArea } from '$lib/bindings/IgnoreArea';
import { middle, MOST_AREAS, same } from './areas';

/** The areas of a camera while a person changes them: nothing is saved yet, and every step can be taken back. */
export class AreaList {
  list = $state.raw<readonly IgnoreArea[]>([]);
  chosen = $state<number | null>(null);
  #past = $state.raw<(readonly IgnoreArea[])[]>([]);

  constructor(readonly saved: readonly IgnoreArea[]) {
    this.list = saved;
  }

  get changed(): boolean {
    return !same(this.list, this.saved);
  }

  get full(): boolean {
    return this.list.length >= MOST_AREAS;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  change(list: readonly IgnoreArea[], chosen: number | null): void {
    if (list.length > MOST_AREAS) return;
    this.#past = [...this.#past, this.list].slice(-100);
    this.list = list;
    this.chosen = chosen;
  }

  add(area: IgnoreArea = middle()): void {
    if (!this.full) this.change([...this.list, area], this.list.length);
  }

  remove(at: number): void {
    this.change(
      this.list.filter((_, i) => i !== at),
      null,
    );
  }

  undo(): void {
    const before = this.#past.at(-1);
    if (!before) return;
    this.#past = this.#past.slice(0, -1);
    this.list = before;
    this.chosen = null;
  }
}
