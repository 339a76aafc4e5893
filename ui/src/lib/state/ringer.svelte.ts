import { SvelteSet } from 'svelte/reactivity';
import type { AlertSound } from '$lib/bindings/AlertSound';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { Beeper } from './beeper';

/** One thing that sounds until somebody has answered it. */
export interface Ringing {
  /** Another one after each reminder: what was silenced sounds again. */
  key: string;
  printer: number;
  /** A pause, or something that is wrong with the machine itself. */
  grave: boolean;
  reminders: number;
}

/** What wants to be heard of the printers. A drill never does: it must be like no real alert. */
export function ringingOf(printers: readonly PrinterView[]): Ringing[] {
  return printers.flatMap(({ id, vigil }) => {
    const { alert, alarms, reminders } = vigil;
    const one = (what: string, grave: boolean): Ringing => ({
      key: `${id} ${what} ${reminders}`,
      printer: id,
      grave,
      reminders,
    });
    return [
      ...(alert ? [one(`alert ${alert.frame}`, alert.paused)] : []),
      // Why an order was refused is read by whoever gave it; a printer that was switched off cold needs nobody.
      ...alarms
        .filter((alarm) => alarm.kind !== 'refused' && alarm.kind !== 'unreachable')
        .map((alarm) => one(`${alarm.kind} ${alarm.at}`, alarm.kind !== 'first_layer')),
    ];
  });
}

/** Whether a moment lies in the quiet hours, which may go over midnight. `minute`: after midnight, of this device. */
export function isQuiet(sound: AlertSound, minute: number): boolean {
  if (!sound.quiet) return false;
  const { from, until } = sound.quiet;
  return from <= until ? minute >= from && minute < until : minute >= from || minute < until;
}

/** Milliseconds from one sounding to the next: shorter with each reminder. */
const EVERY_MS = { grave: 6_000, alert: 12_000 };

/** Makes alerts heard in this page, until they are answered or silenced. */
export class Ringer {
  readonly beeper: Beeper;
  /** The browser keeps the page silent until it is clicked; known once something is to sound. */
  blocked = $state(false);
  readonly #silenced = new SvelteSet<string>();
  #last = -Infinity;
  #minute = $state(minuteOf(new Date()));

  /** What sounds now. */
  readonly ringing: readonly Ringing[] = $derived.by(() => {
    const sound = this.sound();
    if (!sound?.on) return [];
    const quiet = isQuiet(sound, this.#minute);
    return ringingOf(this.printers()).filter(
      (one) => !this.#silenced.has(one.key) && (!quiet || (one.grave && sound.grave_in_quiet)),
    );
  });

  constructor(
    private readonly printers: () => readonly PrinterView[],
    private readonly sound: () => AlertSound | null,
    beeper = new Beeper(),
  ) {
    this.beeper = beeper;
  }

  /** Once a second. `now`: on a clock that nobody sets, ms. */
  tick(now: number, date = new Date()): void {
    this.#minute = minuteOf(date);
    const due = this.ringing;
    const sound = this.sound();
    if (due.length === 0 || !sound) {
      this.blocked = false;
      this.#last = -Infinity;
      return;
    }
    const grave = due.some((one) => one.grave);
    const reminders = Math.max(...due.map((one) => one.reminders));
    const every = (grave ? EVERY_MS.grave : EVERY_MS.alert) / (1 + reminders);
    if (now - this.#last < every) return;
    this.blocked = !this.beeper.ready();
    if (this.blocked) return;
    this.#last = now;
    this.beeper.beep(grave, sound.volume);
  }

  /** Somebody has heard it: what sounds now is silent in this page, until a reminder. */
  silence(): void {
    for (const one of this.ringing) this.#silenced.add(one.key);
  }
}

const minuteOf = (date: Date): number => date.getHours() * 60 + date.getMinutes();
