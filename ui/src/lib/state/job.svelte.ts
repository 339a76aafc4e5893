import type { GCodeFile } from '$lib/bindings/GCodeFile';
import type { Finding } from '$lib/api/types';
import type { App } from './app.svelte';
import { Uploads } from './uploads.svelte';

/** What is about to be printed: the chosen file, and whether the bed is clear. */
export class Job {
  file = $state.raw<GCodeFile | null>(null);
  bedClear = $state(false);
  /** Rises when the library changed. */
  changed = $state(0);
  /** Where added files shall lie: the folder that is shown. */
  folder = $state<number | null>(null);
  /** What was found in the file; waits for the person's word. */
  findings = $state.raw<Finding[] | null>(null);
  readonly uploads: Uploads;
  readonly uploading = $derived.by(() => this.uploads.busy);

  constructor(private readonly app: App) {
    this.uploads = new Uploads(app, (file) => {
      this.choose(file);
      this.changed++;
    });
  }

  choose(file: GCodeFile | null): void {
    this.file = file;
    this.bedClear = false;
    this.findings = null;
  }

  /** Adds files to the library and chooses the last. Returns those that were taken. */
  add(files: readonly File[]): Promise<GCodeFile[]> {
    return this.uploads.add(files, this.folder);
  }

  /** Looks the file over, then starts; what needs a person's word comes as `findings` first. */
  async start(printer: number): Promise<boolean> {
    if (!this.file || !this.bedClear) return false;
    const found = await this.app.attempt(this.app.client.preflight(this.file.id, printer));
    if (!found) return false;
    if (found.findings.some((f) => f.severity !== 'note')) {
      this.findings = found.findings;
      return false;
    }
    return this.startAnyway(printer);
  }

  async startAnyway(printer: number): Promise<boolean> {
    if (!this.file || !this.bedClear) return false;
    this.findings = null;
    const ok = await this.app.ask(this.app.client.start(printer, this.file.id));
    if (ok) this.bedClear = false;
    return ok;
  }
}
