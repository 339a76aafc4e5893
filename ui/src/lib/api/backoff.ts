/** Waits before the next try: 250 ms, doubling, at most 5 s. Local core: no need to be shyer. */
export class Backoff {
  #tries = 0;

  next(): number {
    return Math.min(5000, 250 * 2 ** this.#tries++);
  }

  reset(): void {
    this.#tries = 0;
  }
}
