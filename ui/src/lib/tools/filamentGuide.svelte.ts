import type { PrinterView } from '$lib/bindings/PrinterView';
import type { Temperature } from '$lib/bindings/Temperature';
import type { App } from '$lib/state/app.svelte';
import type { Work } from './work.svelte';

export type Way = 'load' | 'unload';
export type GuideStep = 'choose' | 'heat' | 'feed' | 'done';

/** What is fed at one press: mm, and mm a second. */
export interface Feed {
  mm: number;
  mm_per_s: number;
}
/** Quick until the filament is near the nozzle, then no faster than a nozzle melts it. */
export const FAST: Feed = { mm: 50, mm_per_s: 10 };
export const SLOW: Feed = { mm: 20, mm_per_s: 3 };
/** The tip is melted before it is pulled, so that no thread stays behind; then it is pulled out quickly. */
export const MELT: Feed = { mm: 8, mm_per_s: 3 };
export const PULL: Feed = { mm: -80, mm_per_s: 20 };

/** As near to the target as printers hold it, °C. */
const NEAR_C = 3;
/** The least that filament is pushed at, and the most that is set without a question, °C. */
export const GUIDE_C = { least: 170, most: 300 } as const;

/** Whether filament may be changed: nothing prints, or the print is paused. */
export const mayChange = (printer: PrinterView): boolean =>
  printer.vigil.can.home || printer.vigil.state === 'paused';

/** Filament in or out, one step after the other. Whatever ends it sets the nozzle as it was set before. */
export class FilamentGuide {
  step = $state<GuideStep>('choose');
  /** °C. */
  wanted = $state(205);
  /** mm, all that was fed here. */
  fed = $state(0);
  /** When what was fed last is through, milliseconds: the printer tells only that it has taken the line. */
  #until = $state(0);
  /** The target before; `null` while it is not changed. */
  #before: { heater: string; target: number } | null = null;

  constructor(
    private readonly app: App,
    private readonly work: Work,
    private readonly start: PrinterView,
    readonly way: Way,
  ) {}

  /** The printer that it was begun on, whichever is shown meanwhile. */
  get printer(): PrinterView {
    return this.app.printers.find((printer) => printer.id === this.start.id) ?? this.start;
  }

  get heater(): string {
    const all = this.printer.status.temperatures;
    const active = `tool${this.printer.vigil.tools.tool}`;
    return all[active] ? active : 'tool0';
  }
  /** As the printer tells it now; nothing while it is not known. */
  get nozzle(): Temperature | null {
    return this.printer.vigil.heat.known ? (this.printer.status.temperatures[this.heater] ?? null) : null;
  }
  get possible(): boolean {
    return mayChange(this.printer);
  }
  /** The printer heats to what was asked: told by itself. */
  get heating(): boolean {
    const [now, offset] = [this.nozzle, this.nozzle?.offset ?? 0];
    const target = now?.target ?? 0;
    return Math.abs(target - this.wanted) < 1 || Math.abs(target - this.wanted - offset) < 1;
  }
  get hot(): boolean {
    const now = this.nozzle;
    return now !== null && this.heating && now.actual >= (now.target ?? Infinity) - NEAR_C;
  }
  /** What was sent is still being fed. */
  get feeding(): boolean {
    return this.app.now < this.#until;
  }
  /** What the nozzle is set to when this is over, °C; 0 is off. */
  get after(): number {
    return this.#before?.target ?? 0;
  }

  async heat(): Promise<void> {
    const heater = this.heater;
    const before = this.#before ?? { heater, target: this.nozzle?.target ?? 0 };
    if (!(await this.app.ask(this.app.client.setTemperature(this.printer.id, heater, this.wanted)))) return;
    this.#before = before;
    if (this.step === 'choose') this.step = 'heat';
  }

  async feed(...all: Feed[]): Promise<void> {
    for (const { mm, mm_per_s } of all) {
      if (!(await this.work.run({ do: 'extrude', mm, mm_per_s }))) return;
      this.fed += Math.abs(mm);
      this.#until = Math.max(this.#until, Date.now()) + (1000 * Math.abs(mm)) / mm_per_s;
    }
  }

  /** It is in, or out: the nozzle stays hot only where that is wanted. */
  keepHot(): void {
    this.#before = null;
  }

  /** Over, at whatever step: the nozzle is set as it was. A print that has gone on meanwhile rules its own heat. */
  async leave(): Promise<void> {
    const before = this.#before;
    this.#before = null;
    if (!before || !this.possible) return;
    await this.app.ask(this.app.client.setTemperature(this.printer.id, before.heater, before.target));
  }
}
