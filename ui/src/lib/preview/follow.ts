import { drawnUpTo, type Bounds, type Geometry } from './geometry';
import type { Palette } from './paint';
import { boundsOf, fit, strokes, WHOLE } from './plan';

export interface Following {
  layer: Geometry;
  /** The layer below, drawn faintly. */
  below: Geometry | null;
  bounds: Bounds | null;
  /** The command of the file that the printer has acknowledged. */
  line: number;
}

interface Drawn {
  layer: Geometry;
  below: Geometry | null;
  width: number;
  height: number;
  /** Pieces that are drawn in colour. */
  done: number;
}

const MARGIN = 6;

/** A layer from above that grows with the print: a drawing adds what is new and leaves the rest as it is. */
export class Follow {
  #frame = 0;
  #drawn: Drawn | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly palette: Palette,
  ) {}

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** Draws up to a command. Returns where on the canvas that ends, CSS pixels; `null` before the layer's first piece. */
  draw(now: Following): [number, number] | null {
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!width || !height) return null;
    const { layer, below } = now;
    const old = this.#drawn;
    const grows = old?.layer === layer && old.below === below && old.width === width && old.height === height;
    // A large drawing goes on over some frames; what has come meanwhile is added by the next one.
    const done = grows && this.#frame ? old.done : drawnUpTo(layer.commands, now.line);
    const place = fit(now.bounds ?? boundsOf(layer), width, height, WHOLE, MARGIN);
    if (!(grows && done === old.done)) {
      const from = grows && done > old.done ? old.done : null;
      this.#drawn = { layer, below, width, height, done };
      this.#paint(this.#drawn, from, place);
    }
    if (done === 0) return null;
    const at = 6 * (done - 1) + 3;
    const [x, y] = [layer.positions[at] ?? 0, layer.positions[at + 1] ?? 0];
    return [place.x + place.scale * x, place.y - place.scale * y];
  }

  /** `from`: how many pieces stay as they are; `null`: all is drawn anew. */
  #paint(now: Drawn, from: number | null, place: { scale: number; x: number; y: number }): void {
    this.stop();
    const context = this.canvas.getContext('2d');
    if (!context) return;
    const ratio = window.devicePixelRatio || 1;
    if (from === null) {
      this.canvas.width = Math.round(now.width * ratio);
      this.canvas.height = Math.round(now.height * ratio);
    }
    const { scale } = place;
    context.setTransform(ratio * scale, 0, 0, -ratio * scale, ratio * place.x, ratio * place.y);
    context.lineCap = 'round';
    const steps = this.#steps(context, now, from, 1 / scale);
    const go = (): void => {
      this.#frame = steps.next().done ? 0 : requestAnimationFrame(go);
    };
    go();
  }

  *#steps(
    context: CanvasRenderingContext2D,
    { layer, below, done }: Drawn,
    from: number | null,
    thin: number,
  ): Generator<undefined> {
    const faint = (): string => this.palette.faint;
    if (from === null && below) yield* strokes(context, below, 0, below.count, false, thin, faint);
    if (from === null) yield* strokes(context, layer, done, layer.count, false, thin, faint);
    const colour = (piece: number): string => this.palette.of(layer, piece, 'feature');
    yield* strokes(context, layer, from ?? 0, done, false, thin, colour);
  }
}
