import { Client } from '$lib/api/client';
import { say } from '$lib/api/errors';
import { Live } from '$lib/api/live';
import type { Accepted, Connection, LiveMessage, System } from '$lib/api/types';
import { connect, notify } from '$lib/desktop';
import { filamentPrice } from '$lib/api/price';
import type { FilamentPrice } from '$lib/bindings/FilamentPrice';
import type { Notice } from '$lib/bindings/Notice';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { TemperatureLog } from './temperatures';
import { Toasts } from './toasts.svelte';

const KEPT = 'printvigil.printer';

/** What the window knows: the core's last word on every printer. It decides nothing. */
export class App {
  readonly client: Client;
  readonly toasts = new Toasts();
  readonly #live: Live;
  readonly #logs = new Map<number, TemperatureLog>();

  printers = $state.raw<PrinterView[]>([]);
  system = $state.raw<System | null>(null);
  /** `null` until the first word of the core. */
  connected = $state<boolean | null>(null);
  /** STOP was pressed and the core did not take it. */
  stopFailed = $state<string | null>(null);
  /** What filament costs; `null` until it is known. */
  price = $state.raw<FilamentPrice | null>(null);
  /** The set-up page was opened by hand. */
  adding = $state(false);
  /** Rises with each new sample of the shown printer. */
  heat = $state(0);
  #chosen = $state<number | null>(Number(localStorage.getItem(KEPT)) || null);

  readonly printer = $derived(this.printers.find((p) => p.id === this.#chosen) ?? this.printers[0] ?? null);

  constructor(connection: Connection) {
    this.client = new Client(connection);
    this.#live = new Live(this.client.http, {
      message: (message) => this.#take(message),
      connected: (yes) => {
        if (yes && this.connected === false) this.#refill();
        // Without it no costs are shown.
        if (yes)
          void filamentPrice(this.client).then(
            (price) => (this.price = price),
            () => undefined,
          );
        this.connected = yes;
      },
      stale: () => void this.#renew(connection),
    });
    this.#live.start();
  }

  close(): void {
    this.#live.stop();
  }

  choose(id: number): void {
    this.#chosen = id;
    localStorage.setItem(KEPT, String(id));
  }

  /** Shows a view that an answer brought, unless a newer one is here. */
  show(view: PrinterView): void {
    const at = this.printers.findIndex((p) => p.id === view.id);
    const old = this.printers[at];
    if (old && old.vigil.seq > view.vigil.seq) return;
    this.printers = old ? this.printers.with(at, view) : [...this.printers, view];
    if (this.log(view.id).add(view)) this.heat++;
  }

  log(printer: number): TemperatureLog {
    let log = this.#logs.get(printer);
    if (!log) {
      log = new TemperatureLog();
      this.#logs.set(printer, log);
      this.#fill(printer, log);
    }
    return log;
  }

  /** Asks the core, shows its answer, says why when it refuses. */
  async ask(what: Promise<Accepted>): Promise<boolean> {
    try {
      this.show((await what).printer);
      return true;
    } catch (error) {
      this.toasts.error(say(error));
      return false;
    }
  }

  /** Runs something with no view in its answer; says why when it fails. */
  async attempt<T>(what: Promise<T>): Promise<T | null> {
    try {
      return await what;
    } catch (error) {
      this.toasts.error(say(error));
      return null;
    }
  }

  /** Never asks. Says loudly when it could not be delivered. */
  async stop(): Promise<void> {
    const printer = this.printer;
    if (!printer) {
      this.toasts.info('No printer is set up yet: there is nothing to stop.');
      return;
    }
    this.stopFailed = null;
    try {
      this.show((await this.client.emergencyStop(printer.id)).printer);
    } catch (error) {
      this.stopFailed = say(error);
    }
  }

  #take(message: LiveMessage): void {
    switch (message.type) {
      case 'snapshot':
        this.system = message.system;
        this.printers = message.printers;
        for (const p of message.printers) if (this.log(p.id).add(p)) this.heat++;
        break;
      case 'printer':
        this.show(message.printer);
        break;
      case 'removed':
        this.printers = this.printers.filter((p) => p.id !== message.printer);
        break;
      case 'notice':
        this.#notice(message.notice);
        break;
      case 'system':
        this.system = message.system;
        break;
      case 'refused':
        break;
    }
  }

  #notice(notice: Notice): void {
    const name =
      this.printers.length > 1 ? this.printers.find((p) => p.id === notice.printer)?.name : undefined;
    // A failure has its card, and a banner on every other page: a third message would only cover them.
    const shown = notice.kind === 'failure_paused' || notice.kind === 'failure_alert';
    if (!shown) this.toasts.notice(notice, name);
    // What the page shows is there anyway.
    notify(name ? `${name}: ${notice.title}` : notice.title, notice.text).catch(() => undefined);
  }

  /** A core that was started anew has another address and token: then the page begins again. */
  async #renew(old: Connection): Promise<void> {
    try {
      const now = await connect();
      if (now.base_url !== old.base_url || now.token !== old.token) location.reload();
    } catch {
      // Still not there; the live socket goes on trying.
    }
  }

  #refill(): void {
    for (const [printer, log] of this.#logs) this.#fill(printer, log);
  }

  #fill(printer: number, log: TemperatureLog): void {
    // Without its past the graph simply starts now.
    void this.client.temperatures(printer).then(
      (answer) => {
        log.fill(answer.samples);
        this.heat++;
      },
      () => undefined,
    );
  }
}
