import { presets, setPresets, type Preset } from '$lib/api/tools';
import type { App } from '$lib/state/app.svelte';

/** The temperature presets of one printer, the same wherever they are shown. */
class PresetList {
  all = $state.raw<readonly Preset[]>([]);
  #printer: number | null = null;

  /** Reads them, unless they are those of this printer already. */
  async load(app: App, printer: number): Promise<void> {
    if (this.#printer === printer) return;
    this.#printer = printer;
    try {
      const all = await presets(app.client, printer);
      if (this.#printer === printer) this.all = all;
    } catch {
      this.#printer = null;
    }
  }

  /** Keeps new ones; says why not when the core refuses. */
  async save(app: App, printer: number, all: Preset[]): Promise<boolean> {
    const saved = await app.attempt(setPresets(app.client, printer, all));
    if (saved) this.all = saved;
    return Boolean(saved);
  }
}

export const presetList = new PresetList();

/** Heats bed and nozzle as a preset says. */
export async function heatTo(app: App, printer: number, preset: Preset): Promise<void> {
  if (await app.ask(app.client.setTemperature(printer, 'bed', preset.bed))) {
    await app.ask(app.client.setTemperature(printer, 'tool0', preset.extruder));
  }
}
