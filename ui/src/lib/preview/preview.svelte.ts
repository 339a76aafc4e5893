import { say } from '$lib/api/errors';
import type { Client } from '$lib/api/client';
import type { LayerList } from '$lib/bindings/LayerList';
import { decode, firstLayer, layerOf, type Geometry } from './geometry';
import type { Colouring } from './paint';
import { layerBytes, layerList } from './read';

/** Pieces held at most: some 200 MB with what the graphics card needs. */
const MOST_PIECES = 2_000_000;
/** Layers asked for at once. */
const AT_ONCE = 4;

/** One file's layers: what is known, what is loaded, and which is shown. */
export class Preview {
  list = $state.raw<LayerList | null>(null);
  fault = $state('');
  at = $state(0);
  travel = $state(false);
  colouring = $state<Colouring>('feature');
  /** Rises when a layer came in. */
  arrived = $state(0);
  /** Lower layers that are not shown, since all together would be too many. */
  leftOut = $state(0);
  readonly #layers = new Map<number, Geometry>();
  readonly #asked = new Set<number>();
  #pieces = 0;
  #closed = false;

  constructor(
    private readonly client: Client,
    readonly file: number,
  ) {}

  async open(line: number | null = null): Promise<void> {
    try {
      const list = await layerList(this.client, this.file);
      if (this.#closed) return;
      this.list = list;
      this.at = line === null ? firstLayer(list.layers) : layerOf(list.layers, line);
    } catch (error) {
      this.fault = say(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#layers.clear();
  }

  layer(at: number): Geometry | null {
    return this.#layers.get(at) ?? null;
  }

  /** Loads one layer; what is there already is not asked for again. */
  async load(at: number): Promise<void> {
    const entry = this.list?.layers[at];
    if (!entry || this.#layers.has(at) || this.#asked.has(at) || this.#closed) return;
    this.#asked.add(at);
    try {
      const geometry = decode(await layerBytes(this.client, this.file, at));
      if (this.#closed) return;
      this.#layers.set(at, geometry);
      this.#pieces += geometry.count;
      this.#forget(at);
      this.arrived++;
    } catch (error) {
      if (!this.#closed) this.fault = say(error);
    } finally {
      this.#asked.delete(at);
    }
  }

  /** Lets go of all layers but these. */
  keepOnly(places: readonly number[]): void {
    for (const [at, layer] of this.#layers) {
      if (places.includes(at)) continue;
      this.#pieces -= layer.count;
      this.#layers.delete(at);
    }
  }

  /** Loads a layer and those below it, nearest first, until there are too many pieces. */
  async loadUpTo(at: number, still: () => boolean): Promise<void> {
    const wanted = this.below(at);
    this.leftOut = at + 1 - wanted.length;
    const missing = wanted.filter((n) => !this.#layers.has(n));
    const worker = async (): Promise<void> => {
      for (let n = missing.shift(); n !== undefined && still(); n = missing.shift()) await this.load(n);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** The places of a layer and of those below it that may be shown together. */
  below(at: number): number[] {
    const places: number[] = [];
    let pieces = 0;
    for (let n = at; n >= 0; n--) {
      pieces += this.list?.layers[n]?.segments ?? 0;
      if (places.length > 0 && pieces > MOST_PIECES) break;
      places.push(n);
    }
    return places;
  }

  /** Lets go of the farthest layers while too many are held. */
  #forget(near: number): void {
    if (this.#pieces <= 1.5 * MOST_PIECES) return;
    const far = [...this.#layers.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const n of far) {
      if (this.#pieces <= MOST_PIECES || n === near) return;
      this.#pieces -= this.#layers.get(n)?.count ?? 0;
      this.#layers.delete(n);
    }
  }
}
