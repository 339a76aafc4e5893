/** Tones of a sounding, in Hz, one after the other. */
const GRAVE = [988, 784, 988, 784, 988];
const ALERT = [659, 880];
const TONE_SECS = 0.16;

/** Makes tones by itself: no file is played. */
export class Beeper {
  #context: AudioContext | null = null;

  /** Whether this device can make sound at all. */
  get able(): boolean {
    return typeof AudioContext !== 'undefined';
  }

  /** Whether it may sound now. Browsers keep a page silent until it was clicked. */
  ready(): boolean {
    if (!this.able) return false;
    this.#context ??= new AudioContext();
    if (this.#context.state !== 'running') void this.#context.resume().catch(() => undefined);
    return this.#context.state === 'running';
  }

  /** To be called in a click or a key: from then on the page may sound. Returns whether it may. */
  async allow(): Promise<boolean> {
    if (!this.able) return false;
    this.#context ??= new AudioContext();
    // A browser that wants no click for it answers at once; one that never does must not be waited for.
    await Promise.race([
      this.#context.resume().catch(() => undefined),
      new Promise((over) => setTimeout(over, 500)),
    ]);
    return this.#context.state === 'running';
  }

  /** Sounds once. `volume`: 0 to 100. */
  beep(grave: boolean, volume: number): void {
    const context = this.#context;
    if (!context) return;
    // Ears hear by ratios: half way on the slider is a quarter of the amplitude.
    const loud = (Math.min(100, Math.max(0, volume)) / 100) ** 2;
    (grave ? GRAVE : ALERT).forEach((hz, at) => {
      const begin = context.currentTime + at * TONE_SECS;
      const tone = context.createOscillator();
      const gain = context.createGain();
      tone.frequency.value = hz;
      gain.gain.setValueAtTime(0, begin);
      // Without an edge, which would click.
      gain.gain.linearRampToValueAtTime(loud, begin + 0.015);
      gain.gain.linearRampToValueAtTime(0, begin + TONE_SECS - 0.01);
      tone.connect(gain).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + TONE_SECS);
    });
  }
}
