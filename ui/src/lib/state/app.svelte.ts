import { Client } from '$lib/api/client';
import { say } from '$lib/api/errors';
import { Live } from '$lib/api/live';
import type { Accepted, Connection, LiveMessage, System } from '$lib/api/types';
import { Fallen, connect, notify } from '$lib/desktop';
import { cares as readCares, type Care } from '$lib/api/history';
import { filamentPrice } from '$lib/api/price';
import { careWords } from '$lib/format/care';
import type { AppKeyRequest } from '$lib/bindings/AppKeyRequest';
import type { FilamentPrice } from '$lib/bindings/FilamentPrice';
import type { Notice } from '$lib/bindings/Notice';
import type { OtherMachines } from '$lib/bindings/OtherMachines';
import type { NotStopped } from '$lib/bindings/NotStopped';
import type { Role } from '$lib/bindings/Role';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { Ringer } from './ringer.svelte';
import { TemperatureLog } from './temperatures';
import { Toasts } from './toasts.svelte';

const KEPT = 'printvigil.printer';

/** What the window knows: the core's last word on every printer. It decides nothing. */
export class App {
  readonly client: Client;
  readonly toasts = new Toasts();
  readonly #live: Live;
  readonly #logs = new Map<number, TemperatureLog>();

  #all = $state.raw<PrinterView[]>([]);
  /** Those that are in use. */
  readonly printers = $derived(this.#all.filter((p) => !p.archived_at));
  /** Those that were put away. */
  readonly archived = $derived(this.#all.filter((p) => p.archived_at));
  system = $state.raw<System | null>(null);
  /** What this page may do; what it may not is not offered. `null` until the core has said it. */
  role = $state<Role | null>(null);
  /** Opened on another device, over the network. */
  readonly remote: boolean;
  /** `null` until the first word of the core; `false` while it is silent: then what is shown is old. */
  connected = $state<boolean | null>(null);
  /** When the core was last heard, milliseconds; set when it falls silent. */
  silentSince = $state<number | null>(null);
  /** The core was started anew and does not know this page. */
  refused = $state(false);
  /** Milliseconds, moved on once a second: what grows old is seen to. */
  now = $state(Date.now());
  readonly #ticking = setInterval(() => {
    this.now = Date.now();
    this.ringer.tick(performance.now());
  }, 1000);
  /** When each printer's last look was first seen, on a clock that nobody sets. */
  readonly #looks = new Map<number, { look: string; at: number }>();
  #heardAt: number | null = null;
  /** STOP was pressed and did not get to these: each until it is pressed for them again. */
  stopFailed = $state.raw<readonly NotStopped[]>([]);
  /** Programs on the network that ask for a key of their own. */
  asking = $state.raw<AppKeyRequest[]>([]);
  /** Printvigils on other computers; `null` while they are not shown here. */
  machines = $state.raw<OtherMachines | null>(null);
  /** There is more than one printer to look at, here or elsewhere. */
  readonly overview = $derived(this.printers.length > 1 || this.machines !== null);
  /** What filament costs; `null` until it is known. */
  price = $state.raw<FilamentPrice | null>(null);
  /** What wants care from time to time, of all printers. */
  cares = $state.raw<Care[]>([]);
  /** The set-up page was opened by hand. */
  adding = $state(false);
  /** Rises with each new sample of the shown printer. */
  heat = $state(0);
  #chosen = $state<number | null>(Number(localStorage.getItem(KEPT)) || null);

  readonly printer = $derived(this.printers.find((p) => p.id === this.#chosen) ?? this.printers[0] ?? null);

  /** What is to be heard. */
  readonly ringer = new Ringer(
    () => this.printers,
    () => this.system?.sound ?? null,
  );

  constructor(connection: Connection) {
    this.client = new Client(connection);
    this.remote = connection.remote ?? false;
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
        this.silentSince = yes ? null : (this.silentSince ?? this.#heardAt);
        if (yes) this.refused = false;
      },
      stale: (refused) => void this.#renew(connection, refused),
    });
    this.#live.start();
  }

  /** Whether this page may do what a role may. */
  may(role: Role): boolean {
    const order: readonly (Role | null)[] = [null, 'view', 'operate', 'owner'];
    return order.indexOf(this.role) >= order.indexOf(role);
  }

  close(): void {
    clearInterval(this.#ticking);
    this.#live.stop();
  }

  choose(id: number): void {
    this.#chosen = id;
    localStorage.setItem(KEPT, String(id));
  }

  /** Shows a view that an answer brought, unless a newer one is here. */
  show(view: PrinterView): void {
    const at = this.#all.findIndex((p) => p.id === view.id);
    const old = this.#all[at];
    if (old && old.vigil.seq > view.vigil.seq) return;
    this.#all = old ? this.#all.with(at, view) : [...this.#all, view];
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

  /** Stops a printer, the one that is shown unless another is named. Never asks. Says loudly when it was not delivered. */
  async stop(id: number | null = this.printer?.id ?? null): Promise<void> {
    if (id === null) {
      this.toasts.info('No printer is set up yet: there is nothing to stop.');
      return;
    }
    const others = () => this.stopFailed.filter((failed) => failed.printer !== id);
    this.stopFailed = others();
    try {
      this.show((await this.client.emergencyStop(id)).printer);
    } catch (error) {
      const name = this.#all.find((p) => p.id === id)?.name ?? 'the printer';
      this.stopFailed = [...others(), { printer: id, name, why: say(error) }];
    }
  }

  /** Stops all printers, each by its own stop. Says which could not be told, and which were. */
  async stopAll(): Promise<void> {
    this.stopFailed = [];
    try {
      const { told, not_told } = await this.client.emergencyStopAll();
      this.stopFailed = not_told;
      const names = told.map((one) => one.name).join(', ');
      if (names) this.toasts.info(`STOP was sent to ${names}`);
    } catch (error) {
      const why = say(error);
      this.stopFailed = this.printers.map(({ id, name }) => ({ printer: id, name, why }));
    }
  }

  /** Reads the maintenance counters again. Says once in a notice what has come due since. */
  async readCares(): Promise<void> {
    const before = this.cares;
    const cares = await readCares(this.client).catch(() => null);
    if (!cares) return;
    this.cares = cares;
    for (const care of cares) {
      const old = before.find((c) => c.id === care.id);
      if (!care.due || !old || old.due) continue;
      this.toasts.warn('Maintenance is due', careWords(care));
      notify('Maintenance is due', careWords(care)).catch(() => undefined);
    }
  }

  /** Seconds since the last look at this printer's camera was made, as far as this page knows; `null`: none yet. */
  lookAge(printer: PrinterView): number | null {
    void this.now;
    const look = printer.vigil.watch.looked_at;
    if (look === null) return null;
    const known = this.#looks.get(printer.id);
    const at = performance.now();
    if (known?.look !== look) {
      this.#looks.set(printer.id, { look, at });
      return 0;
    }
    return (at - known.at) / 1000;
  }

  #take(message: LiveMessage): void {
    this.#heardAt = Date.now();
    switch (message.type) {
      case 'snapshot':
        this.system = message.system;
        this.role = message.role;
        this.#all = message.printers;
        this.asking = [];
        this.machines = null;
        for (const p of message.printers) if (this.log(p.id).add(p)) this.heat++;
        break;
      case 'printer':
        this.show(message.printer);
        break;
      case 'removed':
        this.#all = this.#all.filter((p) => p.id !== message.printer);
        break;
      case 'notice':
        this.#notice(message.notice);
        break;
      case 'system':
        this.system = message.system;
        break;
      case 'app_key_requests':
        this.asking = message.requests;
        break;
      case 'machines':
        this.machines = message.machines.on ? message.machines : null;
        break;
      case 'alive':
      case 'refused':
        break;
    }
  }

  #notice(notice: Notice): void {
    const known =
      this.printers.length > 1 ? this.printers.find((p) => p.id === notice.printer)?.name : undefined;
    // Some titles begin with it already.
    const name = known !== undefined && notice.title.startsWith(known) ? undefined : known;
    // A failure has its card, and a banner on every other page: a third message would only cover them.
    const shown = notice.kind === 'failure_paused' || notice.kind === 'failure_alert';
    // Where it tells of another printer than the one that is shown, it leads there.
    const elsewhere = known !== undefined && notice.printer !== this.printer?.id;
    const show = elsewhere ? () => this.choose(notice.printer) : undefined;
    if (!shown) this.toasts.notice(notice, name, show);
  }

  /** A core that was started anew has another address and token: then the page begins again. */
  async #renew(old: Connection, refused: boolean): Promise<void> {
    try {
      const now = await connect();
      if (now.base_url !== old.base_url || now.token !== old.token) {
        location.reload();
        return;
      }
    } catch (error) {
      // It is for a person to say whether it starts again: the page begins anew with that question.
      if (error instanceof Fallen) {
        location.reload();
        return;
      }
      // Still not there; the live socket goes on trying.
    }
    // A page in a browser has only the key in its address: it cannot learn the new one by itself.
    if (refused) {
      this.refused = true;
      this.connected = false;
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
