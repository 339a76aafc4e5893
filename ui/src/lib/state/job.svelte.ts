import type { GCodeFile } from '$lib/bindings/GCodeFile';
import type { App } from './app.svelte';

/** What is about to be printed: the chosen file, and whether the bed is clear. */
export class Job {
  file = $state.raw<GCodeFile | null>(null);
  bedClear = $state(false);
  uploading = $state<string | null>(null);
  /** Rises when the library changed. */
  changed = $state(0);

  constructor(private readonly app: App) {}

  choose(file: GCodeFile | null): void {
    this.file = file;
    this.bedClear = false;
  }

  /** Adds a file to the library and chooses it. Returns it, or `null` when refused. */
  async add(file: File): Promise<GCodeFile | null> {
    if (!/\.(gcode|gco|g)$/i.test(file.name)) {
      this.app.toasts.error(
        `${file.name} is no G-code file. Slice your model first, then drop the .gcode file.`,
      );
      return null;
    }
    this.uploading = file.name;
    const added = await this.app.attempt(this.app.client.upload(file));
    this.uploading = null;
    if (added) {
      this.choose(added);
      this.changed++;
    }
    return added;
  }

  async start(printer: number): Promise<boolean> {
    if (!this.file || !this.bedClear) return false;
    const ok = await this.app.ask(this.app.client.start(printer, this.file.id));
    if (ok) this.bedClear = false;
    return ok;
  }
}
