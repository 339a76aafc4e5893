import type { TemperatureSample } from '$lib/api/types';
import type { PrinterView } from '$lib/bindings/PrinterView';

const HOUR = 3600;

/** The last hour of one printer's heaters, in order of its own clock. */
export class TemperatureLog {
  samples: TemperatureSample[] = [];

  /** Puts what the core remembers before what was seen live. */
  fill(earlier: TemperatureSample[]): void {
    const first = this.samples[0]?.t ?? Infinity;
    this.samples = trim([...earlier.filter((s) => s.t < first), ...this.samples]);
  }

  /** Adds the newest. Returns `false` when it is no newer than the last. */
  add(view: PrinterView): boolean {
    // Old ones are no new sample: the line ends where the printer fell silent.
    if (view.vigil?.heat.known === false) return false;
    const t = view.status._ts;
    const entries = Object.entries(view.status.temperatures);
    const last = this.samples.at(-1);
    if (!entries.length || (last && t <= last.t)) return false;
    const heaters: TemperatureSample['heaters'] = {};
    for (const [name, heater] of entries) heaters[name] = [heater.actual, heater.target];
    this.samples.push({ t, heaters });
    if ((this.samples[0]?.t ?? t) < t - HOUR * 1.1) this.samples = trim(this.samples);
    return true;
  }
}

function trim(samples: TemperatureSample[]): TemperatureSample[] {
  const end = samples.at(-1)?.t ?? 0;
  return samples.filter((s) => s.t >= end - HOUR);
}

/** Columns for the graph: times, then actual and target of each heater named. */
export function columns(
  samples: readonly TemperatureSample[],
  heaters: readonly string[],
  secs: number,
): (number | null)[][] {
  const end = samples.at(-1)?.t ?? 0;
  const shown = samples.filter((s) => s.t >= end - secs);
  const rows: (number | null)[][] = [shown.map((s) => s.t)];
  for (const name of heaters) {
    rows.push(shown.map((s) => s.heaters[name]?.[0] ?? null));
    // A target of 0 is "off": no line.
    rows.push(shown.map((s) => s.heaters[name]?.[1] || null));
  }
  return rows;
}
