// The view from all sides, with three.js. Loaded only when someone wants it.
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  GridHelper,
  LineBasicMaterial,
  LineSegments,
  PerspectiveCamera,
  Scene,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { drawnUpTo, type Bounds, type Geometry } from './geometry';
import type { Colouring, Palette } from './paint';

export interface Look {
  travel: boolean;
  colouring: Colouring;
  line: number | null;
}

interface Drawn {
  lines: LineSegments<BufferGeometry, LineBasicMaterial>;
  layer: Geometry;
  /** Commands of the pieces that are drawn, in their order. */
  commands: Uint32Array;
  key: string;
}

/** Layers as lines in space. */
export class Model {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(40, 1, 1, 5000);
  readonly #controls: OrbitControls;
  readonly #drawn = new Map<number, Drawn>();
  #frame = 0;

  /** Throws when there is no WebGL. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly palette: Palette,
    bounds: Bounds | null,
  ) {
    this.#renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.#renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, 2));
    this.#camera.up.set(0, 0, 1);
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.addEventListener('change', () => this.render());
    this.#stand(
      bounds ?? [
        [0, 200],
        [0, 200],
        [0, 50],
      ],
    );
  }

  /** Shows these layers and no others. */
  show(layers: ReadonlyMap<number, Geometry>, top: number, look: Look): void {
    for (const [at, drawn] of this.#drawn) if (!layers.has(at)) this.#drop(at, drawn);
    for (const [at, layer] of layers) {
      const key = `${look.travel && at === top} ${look.colouring}`;
      const there = this.#drawn.get(at);
      if (there?.key !== key || there.layer !== layer) {
        if (there) this.#drop(at, there);
        this.#add(at, layer, look.travel && at === top, look.colouring, key);
      }
      this.#cut(at, look.line);
    }
    this.render();
  }

  resize(): void {
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!width || !height) return;
    this.#renderer.setSize(width, height, false);
    this.#camera.aspect = width / height;
    this.#camera.updateProjectionMatrix();
    this.render();
  }

  render(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#renderer.render(this.#scene, this.#camera));
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    for (const [at, drawn] of this.#drawn) this.#drop(at, drawn);
    this.#controls.dispose();
    this.#renderer.dispose();
  }

  #stand(bounds: Bounds): void {
    const middle = bounds.map(([low, high]) => (low + high) / 2);
    const centre = new Vector3(middle[0], middle[1], (bounds[2][1] || 0) / 2);
    const size = Math.max(...bounds.map(([low, high]) => Math.min(high - low, 2000)), 20);
    this.#camera.position.set(centre.x - size * 0.6, centre.y - size * 1.5, centre.z + size);
    this.#controls.target.copy(centre);
    this.#controls.update();
    const cells = Math.ceil((size + 20) / 10);
    const grid = new GridHelper(cells * 10, cells, this.palette.line, this.palette.line);
    grid.rotation.x = Math.PI / 2;
    grid.position.set(centre.x, centre.y, 0);
    this.#scene.add(grid);
  }

  #add(at: number, layer: Geometry, travel: boolean, colouring: Colouring, key: string): void {
    const colours = new Uint8Array(layer.count * 6);
    const index = new Uint32Array(layer.count * 2);
    const commands = new Uint32Array(layer.count);
    const known = new Map<string, [number, number, number]>();
    let count = 0;
    for (let piece = 0; piece < layer.count; piece++) {
      if (!travel && layer.kinds[piece] === 0) continue;
      const name = this.palette.of(layer, piece, colouring);
      let rgb = known.get(name);
      if (!rgb) {
        const colour = new Color(name);
        rgb = [colour.r * 255, colour.g * 255, colour.b * 255];
        known.set(name, rgb);
      }
      colours.set(rgb, 6 * piece);
      colours.set(rgb, 6 * piece + 3);
      index[2 * count] = 2 * piece;
      index[2 * count + 1] = 2 * piece + 1;
      commands[count] = layer.commands[piece] ?? 0;
      count++;
    }
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(layer.positions, 3));
    geometry.setAttribute('color', new BufferAttribute(colours, 3, true));
    geometry.setIndex(new BufferAttribute(index.subarray(0, 2 * count), 1));
    const lines = new LineSegments(geometry, new LineBasicMaterial({ vertexColors: true }));
    lines.frustumCulled = false;
    this.#scene.add(lines);
    this.#drawn.set(at, { lines, layer, commands: commands.subarray(0, count), key });
  }

  #cut(at: number, line: number | null): void {
    const drawn = this.#drawn.get(at);
    if (!drawn) return;
    const pieces = line === null ? drawn.commands.length : drawnUpTo(drawn.commands, line);
    drawn.lines.geometry.setDrawRange(0, 2 * pieces);
  }

  #drop(at: number, drawn: Drawn): void {
    this.#scene.remove(drawn.lines);
    drawn.lines.geometry.dispose();
    drawn.lines.material.dispose();
    this.#drawn.delete(at);
  }
}
