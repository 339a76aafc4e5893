import { drawnUpTo, type Bounds, type Geometry } from './geometry';
import { groupOf, type Colouring, type Palette } from './paint';

export interface Shown {
  layer: Geometry;
  /** The layer below, drawn faintly. */
  below: Geometry | null;
  bounds: Bounds | null;
  travel: boolean;
  colouring: Colouring;
  /** Only up to this command; the rest faintly. */
  line: number | null;
}

/** Where the bed is on the canvas: zoomed and moved by the person. */
export interface Eye {
  zoom: number;
  dx: number;
  dy: number;
}

/** All of the bed that something is printed on. */
export const WHOLE: Eye = { zoom: 1, dx: 0, dy: 0 };
/** Pieces drawn before the page gets its turn. */
const SLICE = 20_000;
const MARGIN = 16;

/** The top view, on a plain canvas: works everywhere. */
export class Plan {
  #frame = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly palette: Palette,
  ) {}

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }

  draw(shown: Shown, eye: Eye): void {
    this.stop();
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const context = this.canvas.getContext('2d');
    if (!context || !width || !height) return;
    const place = fit(shown.bounds ?? boundsOf(shown.layer), width, height, eye);
    context.setTransform(ratio * place.scale, 0, 0, -ratio * place.scale, ratio * place.x, ratio * place.y);
    this.#grid(context, shown.bounds, place.scale);
    const steps = this.#steps(context, shown, place.scale);
    const go = (): void => {
      if (!steps.next().done) this.#frame = requestAnimationFrame(go);
    };
    go();
  }

  #grid(context: CanvasRenderingContext2D, bounds: Bounds | null, scale: number): void {
    if (!bounds) return;
    const step = 10;
    const [x0, x1] = outward(bounds[0], step);
    const [y0, y1] = outward(bounds[1], step);
    context.strokeStyle = this.palette.line;
    context.lineWidth = 0.5 / scale;
    context.beginPath();
    for (let x = x0; x <= x1; x += step) {
      context.moveTo(x, y0);
      context.lineTo(x, y1);
    }
    for (let y = y0; y <= y1; y += step) {
      context.moveTo(x0, y);
      context.lineTo(x1, y);
    }
    context.stroke();
  }

  *#steps(context: CanvasRenderingContext2D, shown: Shown, scale: number): Generator<undefined> {
    const thin = 1 / scale;
    context.lineCap = 'round';
    const faint = (): string => this.palette.faint;
    if (shown.below) yield* strokes(context, shown.below, 0, shown.below.count, false, thin, faint);
    const { layer } = shown;
    const done = shown.line === null ? layer.count : drawnUpTo(layer.commands, shown.line);
    const colour = (piece: number): string => this.palette.of(layer, piece, shown.colouring);
    if (done < layer.count) yield* strokes(context, layer, done, layer.count, false, thin, faint);
    yield* strokes(context, layer, 0, done, shown.travel, thin, colour);
    if (shown.line !== null && done > 0) this.#head(context, layer, done - 1, scale);
  }

  #head(context: CanvasRenderingContext2D, layer: Geometry, piece: number, scale: number): void {
    context.beginPath();
    const [x, y] = [layer.positions[6 * piece + 3] ?? 0, layer.positions[6 * piece + 4] ?? 0];
    context.arc(x, y, 6 / scale, 0, 2 * Math.PI);
    context.fillStyle = this.palette.inside;
    context.fill();
    context.strokeStyle = this.palette.head;
    context.lineWidth = 2.5 / scale;
    context.stroke();
  }
}

/** Draws pieces in slices; neighbours of one look become one stroke. */
export function* strokes(
  context: CanvasRenderingContext2D,
  layer: Geometry,
  from: number,
  to: number,
  travel: boolean,
  thin: number,
  colour: (piece: number) => string,
): Generator<undefined> {
  let look = '';
  for (let piece = from; piece < to; piece++) {
    const move = groupOf(layer.kinds[piece] ?? 0) === 'travel';
    if (!move || travel) {
      const wide = move ? thin : Math.max(thin, (layer.widths[piece] ?? 0) * 0.9);
      const next = `${colour(piece)} ${wide.toFixed(2)}`;
      if (next !== look) {
        if (look) context.stroke();
        look = next;
        context.strokeStyle = colour(piece);
        context.lineWidth = wide;
        context.beginPath();
      }
      const at = 6 * piece;
      const p = layer.positions;
      context.moveTo(p[at] ?? 0, p[at + 1] ?? 0);
      context.lineTo(p[at + 3] ?? 0, p[at + 4] ?? 0);
    }
    if ((piece - from) % SLICE === SLICE - 1) {
      if (look) context.stroke();
      look = '';
      yield;
    }
  }
  if (look) context.stroke();
}

/** Grown to whole steps, so that a grid fits around. */
export function outward([low, high]: [number, number], step: number): [number, number] {
  // Hostile coordinates make no grid of a million lines.
  if (!(high - low < 2000)) return [0, 0];
  return [Math.floor(low / step - 0.5) * step, Math.ceil(high / step + 0.5) * step];
}

export function boundsOf(layer: Geometry): Bounds {
  const bounds: Bounds = [
    [Infinity, -Infinity],
    [Infinity, -Infinity],
    [Infinity, -Infinity],
  ];
  layer.positions.forEach((value, at) => {
    const axis = bounds[(at % 3) as 0 | 1 | 2];
    axis[0] = Math.min(axis[0], value);
    axis[1] = Math.max(axis[1], value);
  });
  return layer.count
    ? bounds
    : [
        [0, 100],
        [0, 100],
        [0, 0],
      ];
}

/** Pixels a millimetre, and where the origin lies. */
export function fit(
  bounds: Bounds,
  width: number,
  height: number,
  eye: Eye = WHOLE,
  margin: number = MARGIN,
): { scale: number; x: number; y: number } {
  const [x, y] = [bounds[0], bounds[1]];
  const across = Math.max(x[1] - x[0], 1) + 10;
  const deep = Math.max(y[1] - y[0], 1) + 10;
  const free = Math.min((width - 2 * margin) / across, (height - 2 * margin) / deep);
  const scale = Math.max(free, 0.01) * eye.zoom;
  return {
    scale,
    x: width / 2 + eye.dx - (scale * (x[0] + x[1])) / 2,
    y: height / 2 + eye.dy + (scale * (y[0] + y[1])) / 2,
  };
}
