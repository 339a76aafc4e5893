import type { TryResult } from '$lib/api/types';
import type { Camera } from '$lib/bindings/Camera';
import type { CameraSource } from '$lib/bindings/CameraSource';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { refusedCamera, type RefusedCamera } from '$lib/cameras/refused';
import { addDemo } from '$lib/printers/demo';
import type { App } from '$lib/state/app.svelte';

export type Step = 1 | 2 | 3;
export type Trial = 'failing' | 'good' | 'camera';

/** What the set-up page has done so far. Each step can be done again. */
export class Setup {
  step = $state<Step>(1);
  printerId = $state<number | null>(null);
  camera = $state.raw<Camera | null>(null);
  trial = $state<Trial | null>(null);
  result = $state.raw<TryResult | null>(null);
  trying = $state(false);
  busy = $state(false);
  /** Why the camera that was chosen last gives no picture; said where it was chosen. */
  cameraRefused = $state.raw<RefusedCamera | null>(null);

  readonly printer: PrinterView | null = $derived.by(
    () => this.app.printers.find((p) => p.id === this.printerId) ?? null,
  );

  /** The printer answers: only then is the first step done. */
  readonly connected = $derived.by(() => this.printer?.vigil.link.kind === 'up');

  constructor(private readonly app: App) {}

  /** Takes a port, at a speed of 0 one that is found; when a printer was added before, it only changes its port. */
  async usePort(path: string, baud: number, name: string): Promise<void> {
    const choice = { path, baud };
    await this.#once(async () => {
      const { client } = this.app;
      if (this.printer && this.printer.vigil.kind === 'serial') {
        await this.app.ask(client.patchPrinter(this.printer.id, { port: choice, name }));
      } else {
        const added = await this.app.attempt(client.addPrinter({ name, kind: 'serial', port: choice }));
        if (!added) return;
        this.#take(added);
      }
    });
  }

  /** A printer was linked by its agent: it is there already, with its camera. */
  useLinked(id: number): void {
    this.printerId = id;
    this.app.choose(id);
    this.camera = this.printer?.vigil.camera?.camera ?? this.camera;
    this.step = 2;
  }

  /** The printer has answered: on to the camera, unless somebody went elsewhere meanwhile. */
  answered(): void {
    if (this.step === 1 && this.connected) this.step = 2;
  }

  /** Printer and camera of the demo in one go: the one that is there, or `another`. */
  async useDemo(another = false): Promise<void> {
    await this.#once(async () => {
      const known = another ? undefined : this.app.printers.find((p) => p.vigil.kind === 'demo');
      const demo = known ?? (await addDemo(this.app));
      if (!demo) return;
      this.#take(demo);
      if (demo.vigil.camera) this.camera = demo.vigil.camera.camera;
      else await this.#demoCamera();
      this.step = 3;
    });
    if (this.step === 3) await this.try('failing');
  }

  /** Takes a camera, once it has given a picture. One that gives none is not kept. */
  async useCamera(name: string, source: CameraSource): Promise<void> {
    await this.#once(async () => {
      this.cameraRefused = null;
      try {
        if (source.kind !== 'demo') await this.app.client.tryCamera(source);
      } catch (error) {
        this.cameraRefused = refusedCamera(error, source);
        return;
      }
      await this.#addCamera(name, source);
    });
  }

  async useKnownCamera(camera: Camera): Promise<void> {
    await this.#once(() => this.#watch(camera));
  }

  /** Turns or mirrors the chosen camera. */
  async turn(patch: Partial<Pick<Camera, 'rotation' | 'flip_h' | 'flip_v'>>): Promise<void> {
    if (!this.camera) return;
    const turned = await this.app.attempt(this.app.client.patchCamera(this.camera.id, patch));
    if (turned) this.camera = turned;
  }

  async try(trial: Trial): Promise<void> {
    const { client } = this.app;
    const camera = this.camera;
    if (trial === 'camera' && !camera) return;
    this.trying = true;
    // What another picture gave is no answer to this one.
    this.result = null;
    this.trial = trial;
    const asked =
      trial === 'camera' && camera
        ? client.tryDetection({ camera: camera.id })
        : client.tryDetection({ sample: trial === 'good' ? 'good' : 'failing' });
    this.result = await this.app.attempt(asked);
    this.trying = false;
  }

  /** Leaves the page, now and at the next start. */
  async finish(): Promise<void> {
    if (this.app.system?.first_run) {
      const system = await this.app.attempt(this.app.client.setFirstRun(false));
      if (system) this.app.system = system;
    }
    this.app.adding = false;
  }

  #take(printer: PrinterView): void {
    this.app.show(printer);
    this.app.choose(printer.id);
    this.printerId = printer.id;
  }

  async #addCamera(name: string, source: CameraSource): Promise<void> {
    const camera = await this.app.attempt(
      this.app.client.addCamera({ name, source, rotation: 0, flip_h: false, flip_v: false }),
    );
    if (camera) await this.#watch(camera);
  }

  /** A demo printer brings its own camera; one is added only when it is gone. */
  async #demoCamera(): Promise<void> {
    const printer = this.printerId;
    const found = await this.app.attempt(this.app.client.cameras());
    const known = found?.cameras.find((c) => c.source.kind === 'demo' && c.source.printer === printer);
    if (known) await this.#watch(known);
    else if (printer !== null) await this.#addCamera('Demo camera', { kind: 'demo', printer });
  }

  async #watch(camera: Camera): Promise<void> {
    const { printerId } = this;
    const patched =
      printerId === null ||
      (await this.app.ask(this.app.client.patchPrinter(printerId, { camera: camera.id })));
    if (patched) this.camera = camera;
  }

  async #once(what: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await what();
    } finally {
      this.busy = false;
    }
  }
}
