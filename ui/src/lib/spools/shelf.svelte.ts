import { spools } from '$lib/api/spools';
import type { SpoolList } from '$lib/bindings/SpoolList';
import type { SpoolView } from '$lib/bindings/SpoolView';
import type { App } from '$lib/state/app.svelte';

/** The spools, as last read; read anew when something may have used or moved them. */
export class Shelf {
  list = $state.raw<SpoolList | null>(null);
  /** Those that can be loaded. */
  readonly usable = $derived((this.list?.spools ?? []).filter((spool) => !spool.archived_at));
  #turn = 0;

  async load(app: App): Promise<void> {
    const turn = ++this.#turn;
    // Without them the page goes on as if there were none.
    const list = await spools(app.client).catch(() => null);
    if (list && turn === this.#turn) this.list = list;
  }

  find(id: number | null): SpoolView | null {
    return this.list?.spools.find((spool) => spool.id === id) ?? null;
  }
}

export const shelf = new Shelf();

/** What the spools of a printer hang on: read anew when it changes. */
export const spoolKey = (app: App): string =>
  app.printers
    .map((p) => [
      p.id,
      p.vigil.spools.map((s) => `${s.tool}:${s.spool}`).join(),
      p.current_print?.id ?? 0,
      p.vigil.queue.map((item) => `${item.id}x${item.copies}`).join(),
    ])
    .join(';');
