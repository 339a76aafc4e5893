import type { PrinterView } from '$lib/bindings/PrinterView';
import type { Preset } from '$lib/api/tools';
import type { App } from '$lib/state/app.svelte';
import type { Spot } from './corners';
import { heatTo } from './presets.svelte';
import type { Work } from './work.svelte';

export type CornerStep = 'prepare' | 'home' | 'round';

/** How far the nozzle is lifted at the end, mm. */
const LIFT_MM = 10;
const HEATERS = ['bed', 'tool0'] as const;

/** The bed levelled by hand, point by point. Whatever ends it lifts the nozzle and sets the heaters as they were. */
export class CornerGuide {
  step = $state<CornerStep>('prepare');
  /** The point that the nozzle was sent to; `null` before the first. */
  at = $state<number | null>(null);
  /** Points that it has been at. */
  been = $state.raw<ReadonlySet<number>>(new Set());
  /** Targets before; nothing while they are not changed. */
  #before: ReadonlyMap<string, number> | null = null;

  constructor(
    private readonly app: App,
    private readonly work: Work,
    private readonly start: PrinterView,
  ) {}

  /** The printer that it was begun on, whichever is shown meanwhile. */
  get printer(): PrinterView {
    return this.app.printers.find((printer) => printer.id === this.start.id) ?? this.start;
  }
  get possible(): boolean {
    return this.printer.vigil.can.home;
  }
  /** The printer says that it knows where it is, and nothing waits to be sent. */
  get homed(): boolean {
    const { homed, waiting } = this.printer.vigil.tools;
    return homed.every(Boolean) && waiting === 0;
  }

  /** Heats, where that is wanted, and homes. */
  async begin(heat: Preset | null): Promise<void> {
    const { id, status } = this.printer;
    if (heat) {
      this.#before = new Map(HEATERS.map((name) => [name, status.temperatures[name]?.target ?? 0]));
      await heatTo(this.app, id, heat);
    }
    if (await this.app.ask(this.app.client.home(id, ['x', 'y', 'z']))) this.step = 'home';
  }

  /** Up, sideways, down: the core sees to that order. */
  async go(spots: readonly Spot[], at: number): Promise<void> {
    const spot = spots[at];
    if (!spot || !(await this.work.run({ do: 'level_point', x: spot.x, y: spot.y }))) return;
    this.step = 'round';
    this.at = at;
    this.been = new Set([...this.been, at]);
  }

  async leave(): Promise<void> {
    const before = this.#before;
    this.#before = null;
    if (!this.possible) return;
    if (this.at !== null && this.printer.vigil.tools.homed[2])
      await this.work.run({ do: 'jog', x: 0, y: 0, z: LIFT_MM, sure: 'ask' });
    this.at = null;
    for (const [heater, target] of before ?? [])
      await this.app.ask(this.app.client.setTemperature(this.start.id, heater, target));
  }
}
