import type { GCodeFile } from '$lib/bindings/GCodeFile';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { Finding } from '$lib/api/types';
import type { App } from './app.svelte';
import { Uploads } from './uploads.svelte';

const KEPT = 'printvigil.file';

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
  #offered = false;
  readonly uploads: Uploads;
  readonly uploading = $derived.by(() => this.uploads.busy);

  constructor(private readonly app: App) {
    this.uploads = new Uploads(app, (file) => {
      this.choose(file);
      this.changed++;
    });
  }

  choose(file: GCodeFile | null): void {
    if (file) sessionStorage.setItem(KEPT, String(file.id));
    else sessionStorage.removeItem(KEPT);
    this.file = file;
    this.bedClear = false;
    this.findings = null;
  }

  /**
   * The files that can be chosen are known: the one that was chosen before the page was loaded anew is chosen again,
   * and for the demo the first, so that it can be begun at once.
   */
  offer(files: readonly GCodeFile[], printer: PrinterView | null): void {
    if (this.file || this.#offered) return;
    this.#offered = true;
    const kept = Number(sessionStorage.getItem(KEPT));
    const found = files.find((file) => file.id === kept);
    const first = printer?.vigil.kind === 'demo' ? files[0] : undefined;
    if (found ?? first) this.choose(found ?? first ?? null);
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
