import {
  printFrames,
  printHeat,
  printLooks,
  type PrintFrames,
  type PrintHeat,
  type PrintLooks,
} from '$lib/api/past';
import { printWatch, watchCurve, type PrintWatch, type WatchCurve } from '$lib/api/watch';
import type { Client } from '$lib/api/client';
import type { FrameFeedback } from '$lib/bindings/FrameFeedback';
import type { PrinterEvent } from '$lib/bindings/PrinterEvent';
import type { PrintView } from '$lib/bindings/PrintView';
import { clamp } from '$lib/format/numbers';
import { unix } from '$lib/format/time';
import { boxesAt, nearest, nextPeak, peaks, riskAt, whereAt } from './moments';
import { readCurve } from './predictions';
import { gaugeOnly } from './watched';

const NO_FRAMES: PrintFrames = {
  t: [],
  id: [],
  line: [],
  layer: [],
  why: [],
  url: [],
  width: null,
  height: null,
};
const NO_CURVE: WatchCurve = { t: [], p: [], counted: [], gauge: [], scale: '' };
const NO_WATCH: PrintWatch = { coverage: null, gaps: [], decisions: [], feedback: [] };
/** Pictures a second at single speed. */
const RATE = 10;
export const SPEEDS = [0.5, 1, 2, 4, 8] as const;

/** One past print, moment by moment: a time, and what was so then. */
export class Player {
  frames = $state.raw<PrintFrames>(NO_FRAMES);
  looks = $state.raw<PrintLooks | null>(null);
  heat = $state.raw<PrintHeat | null>(null);
  curve = $state.raw<WatchCurve>(NO_CURVE);
  watch = $state.raw<PrintWatch | null>(null);
  events = $state.raw<PrinterEvent[]>([]);
  /** Everything that could be read is here. */
  loaded = $state(false);
  /** Seconds since the start of the print. */
  secs = $state(0);
  playing = $state(false);
  speed = $state<number>(1);
  /** Rises when a person went somewhere, not when it plays. */
  sought = $state(0);
  readonly started: number;
  /** Seconds up to the end; of a print that runs, up to the last that is known of it. */
  readonly total = $derived.by(() => {
    const ends = [this.frames.t, this.looks?.t, this.heat?.t, this.curve.t].map((t) => t?.at(-1) ?? 0);
    return Math.max(this.#known, ...ends, 1);
  });
  #known = 0;

  readonly at = $derived(nearest(this.frames.t, this.secs));
  readonly url = $derived(this.frames.url[this.at] ?? null);
  readonly size = $derived<[number, number]>([this.frames.width ?? 1280, this.frames.height ?? 720]);
  readonly where = $derived(whereAt(this.frames, this.at));
  readonly boxes = $derived(
    boxesAt(this.looks, this.frames.id[this.at], this.frames.t[this.at] ?? this.secs),
  );
  /** Of the full record; of a print that runs its newest looks are only among the few. */
  readonly risk = $derived(
    riskAt(this.curve, this.secs) ??
      (this.looks ? riskAt({ t: this.looks.t, gauge: this.looks.level }, this.secs) : null),
  );
  readonly peaks = $derived(peaks(this.curve.t, this.curve.gauge));

  constructor(
    private readonly client: Client,
    readonly print: PrintView,
  ) {
    this.started = unix(print.started_at) ?? 0;
    const ended = unix(print.ended_at);
    if (ended !== null) this.#known = ended - this.started;
  }

  /** Reads all of it; what is not kept any more stays empty. */
  async load(): Promise<void> {
    const { id } = this.print;
    const quiet = () => undefined;
    await Promise.all([
      printFrames(this.client, id).then((frames) => (this.frames = frames), quiet),
      printLooks(this.client, id).then((looks) => (this.looks = looks), quiet),
      printHeat(this.client, id).then((heat) => (this.heat = heat), quiet),
      this.#risk(id).then((curve) => (this.curve = curve), quiet),
      printWatch(this.client, id).then(
        (watch) => (this.watch = watch),
        () => (this.watch = NO_WATCH),
      ),
      this.client.eventsOf(id).then((all) => (this.events = all.reverse()), quiet),
    ]);
    this.loaded = true;
    // What is worth seeing first: where the watch decided, else the end.
    const decided = unix(this.watch?.decisions.at(-1)?.at);
    this.secs = decided === null ? (this.frames.t.at(-1) ?? this.total) : decided - this.started;
  }

  /** Goes to a time, seconds since the start. */
  seek(secs: number): void {
    this.playing = false;
    this.secs = clamp(secs, 0, this.total);
    this.sought++;
  }

  /** So many pictures on, or back. */
  step(by: number): void {
    const t = this.frames.t[clamp(this.at + by, 0, this.frames.t.length - 1)];
    if (t !== undefined) this.seek(t);
  }

  peak(way: 'back' | 'on'): void {
    const to = nextPeak(this.peaks, this.secs, way);
    if (to !== null) this.seek(to);
  }

  toggle(): void {
    if (!this.playing && this.at >= this.frames.t.length - 1) this.secs = 0;
    this.playing = !this.playing && this.frames.t.length > 1;
  }

  /** Plays until stopped. Returns how to stop. */
  run(): () => void {
    const by = Math.max(1, Math.round(this.speed));
    const timer = setInterval(
      () => {
        const next = this.frames.t[this.at + by];
        if (next === undefined) this.playing = false;
        this.secs = next ?? this.frames.t.at(-1) ?? this.secs;
      },
      1000 / RATE / Math.min(1, this.speed),
    );
    return () => clearInterval(timer);
  }

  answered(feedback: FrameFeedback): void {
    if (!this.watch) return;
    const others = this.watch.feedback.filter((f) => f.frame !== feedback.frame);
    this.watch = { ...this.watch, feedback: [...others, feedback] };
  }

  async #risk(id: number): Promise<WatchCurve> {
    const full = await watchCurve(this.client, id).catch(() => NO_CURVE);
    if (full.t.length > 1) return full;
    return gaugeOnly(readCurve(await this.client.predictions(id)), this.started);
  }
}
