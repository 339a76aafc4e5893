import type { AlertOverwrite } from '$lib/bindings/AlertOverwrite';
import type { Camera } from '$lib/bindings/Camera';
import type { CameraSource } from '$lib/bindings/CameraSource';
import type { DeviceOptions } from '$lib/bindings/DeviceOptions';
import type { FileView } from '$lib/bindings/FileView';
import type { FolderView } from '$lib/bindings/FolderView';
import type { PrinterEvent } from '$lib/bindings/PrinterEvent';
import type { PrinterPatch } from '$lib/bindings/PrinterPatch';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { PrintView } from '$lib/bindings/PrintView';
import type { Recovery } from '$lib/bindings/Recovery';
import type { Seen } from '$lib/bindings/Seen';
import type { StoppedAll } from '$lib/bindings/StoppedAll';
import { Http } from './http';
import { Tickets } from './tickets';
import type {
  Accepted,
  Axis,
  Cameras,
  Connection,
  DemoFault,
  FilePage,
  FileQuery,
  FolderPage,
  NewCamera,
  NewPrinter,
  Port,
  Trouble,
  Preflight,
  System,
  TemperatureSample,
  TryResult,
  UploadTo,
  Verdict,
} from './types';

/** Everything that can be asked of the core, one function each. */
export class Client {
  readonly http: Http;
  readonly tickets: Tickets;

  constructor(connection: Connection, fetcher?: typeof fetch) {
    this.http = fetcher ? new Http(connection, fetcher) : new Http(connection);
    this.tickets = new Tickets(this.http);
  }

  /** An address that an `<img>` or `<video>` can open for some minutes. */
  async media(path: string): Promise<string> {
    const clean = path.startsWith('/') ? path : `/${path}`;
    return this.http.url(clean, { ticket: await this.tickets.take(clean) });
  }

  // Printers
  addPrinter = (printer: NewPrinter) => this.http.post<PrinterView>('printers/', printer);
  removePrinter = (id: number) => this.http.remove(`printers/${id}/`);
  patchPrinter = (id: number, patch: PrinterPatch) => this.http.patch<Accepted>(`printers/${id}/`, patch);
  pause = (id: number) => this.http.post<Accepted>(`printers/${id}/pause_print/`);
  resume = (id: number) => this.http.post<Accepted>(`printers/${id}/resume_print/`);
  cancel = (id: number) => this.http.post<Accepted>(`printers/${id}/cancel_print/`);
  mute = (id: number, muted: boolean) =>
    this.http.post<Accepted>(`printers/${id}/mute_current_print/`, undefined, { mute_alert: muted });
  acknowledge = (id: number, verdict?: AlertOverwrite) =>
    this.http.post<Accepted>(`printers/${id}/acknowledge_alert/`, undefined, { alert_overwrite: verdict });
  start = (id: number, file: number) =>
    this.http.post<Accepted>(`vigil/printers/${id}/start/`, { file_id: file });
  keepWarm = (id: number, minutes: number) =>
    this.http.post<Accepted>(`vigil/printers/${id}/keep_warm/`, { minutes });
  /** What was held up to be seen need not be shown any longer. */
  seen = (id: number, what: Seen) => this.http.post<Accepted>(`vigil/printers/${id}/seen/`, { what });
  coolDown = (id: number) => this.http.post<Accepted>(`vigil/printers/${id}/cool_down/`);
  /** Answered at once, or it did not arrive: a person must learn that in time to reach the power switch. */
  emergencyStop = (id: number) =>
    this.http.post<Accepted>(`vigil/printers/${id}/emergency_stop/`, undefined, undefined, 3000);
  emergencyStopAll = () => this.http.post<StoppedAll>('vigil/emergency_stop/', undefined, undefined, 3000);
  home = (id: number, axes: Axis[]) => this.http.post<Accepted>(`vigil/printers/${id}/home/`, { axes });
  setTemperature = (id: number, heater: string, target: number) =>
    this.http.post<Accepted>(`vigil/printers/${id}/set_temperature/`, { heater, target });
  connect = (id: number) => this.http.post<Accepted>(`vigil/printers/${id}/connect/`);
  disconnect = (id: number) => this.http.post<Accepted>(`vigil/printers/${id}/disconnect/`);
  demo = (id: number, fault: DemoFault, on: boolean) =>
    this.http.post<unknown>(`vigil/printers/${id}/demo/`, { fault, on });
  temperatures = (id: number) =>
    this.http.get<{ samples: TemperatureSample[] }>(`vigil/printers/${id}/temperatures/`);
  events = (printer: number, limit = 30) =>
    this.http.get<PrinterEvent[]>('printer_events/', { printer_id: printer, limit });
  /** All of a print, however many came after it. */
  eventsOf = (print: number, limit = 500) =>
    this.http.get<PrinterEvent[]>('printer_events/', { print_id: print, limit });

  listCard = (id: number) => this.http.post<Accepted>(`printers/${id}/sd/list/`);
  printFromCard = (id: number, path: string) =>
    this.http.post<Accepted>(`printers/${id}/sd/print/`, { path });

  // Prints
  print = (id: number) => this.http.get<PrintView>(`prints/${id}/`);
  judge = (id: number, verdict: Verdict) =>
    this.http.patch<unknown>(`prints/${id}/`, { alert_overwrite: verdict });
  predictions = (id: number) => this.http.get<unknown>(`prints/${id}/prediction_json/`);

  // Prints that were cut short
  recoveries = () => this.http.get<Recovery[]>('vigil/recoveries/');
  forgetRecovery = (print: number) => this.http.remove(`vigil/recoveries/${print}/`);
  takeUp = (print: number) => this.http.post<Accepted>(`vigil/recoveries/${print}/take_up/`);

  // Files
  files = (query: FileQuery = {}) => this.http.get<FilePage>('g_code_files/', { ...query });
  file = (id: number) => this.http.get<FileView>(`g_code_files/${id}/`);
  fileTotals = () => this.http.get<{ files: number; bytes: number }>('vigil/files/totals/');
  changeFile = (id: number, change: { filename?: string; parent_folder?: number | null }) =>
    this.http.patch<FileView>(`g_code_files/${id}/`, change);
  removeFiles = (file_ids: number[]) => this.http.post<unknown>('g_code_files/bulk_delete/', { file_ids });
  restoreFiles = (file_ids: number[]) =>
    this.http.post<{ restored: number }>('vigil/files/undelete/', { file_ids });
  moveFiles = (file_ids: number[], parent_folder: number | null) =>
    this.http.post<unknown>('g_code_files/bulk_move/', { file_ids, parent_folder });
  upload = (file: File, to: UploadTo, onprogress: (part: number) => void) => {
    const form = new FormData();
    if (to.folder !== null) form.set('parent_folder', String(to.folder));
    form.set('same_name', to.replace ? 'replace' : 'keep_both');
    form.set('file', file, file.name);
    return this.http.upload<FileView>('g_code_files/', form, onprogress);
  };
  folders = () => this.http.get<FolderPage>('g_code_folders/', {});
  addFolder = (name: string, parent_folder: number | null) =>
    this.http.post<FolderView>('g_code_folders/', { name, parent_folder });
  changeFolder = (id: number, change: { name?: string; parent_folder?: number | null }) =>
    this.http.patch<FolderView>(`g_code_folders/${id}/`, change);
  removeFolder = (id: number) => this.http.remove(`g_code_folders/${id}/`);
  preflight = (file: number, printer: number) =>
    this.http.get<Preflight>(`vigil/files/${file}/preflight/`, { printer });

  // Ports, cameras, the detector, the core
  ports = () => this.http.get<Port[]>('vigil/ports/');
  portTroubles = () => this.http.get<Trouble[]>('vigil/port_troubles/');
  cameras = () => this.http.get<Cameras>('vigil/cameras/');
  /**
   * Takes one picture with settings that are not kept; refused with the reason when it gives none. `camera`: whose
   * settings they shall become, so that its kept password is used.
   */
  tryCamera = (source: CameraSource, camera?: number) =>
    this.http.check('vigil/cameras/try/', camera === undefined ? { source } : { source, camera });
  /** What a camera of this computer offers: sizes, rates, and what can be set at it. */
  cameraOptions = (device: string) =>
    this.http.get<DeviceOptions>('vigil/camera_devices/options/', { device });
  addCamera = (camera: NewCamera) => this.http.post<Camera>('vigil/cameras/', camera);
  patchCamera = (id: number, patch: Partial<NewCamera>) =>
    this.http.patch<Camera>(`vigil/cameras/${id}/`, patch);
  removeCamera = (id: number) => this.http.remove(`vigil/cameras/${id}/`);
  tryDetection = (what: { camera: number } | { sample: 'failing' | 'good' }) =>
    // One look takes long where another program has the processor.
    this.http.post<TryResult>('vigil/try_detection/', what, undefined, 180_000);
  setFirstRun = (first_run: boolean) => this.http.post<System>('vigil/system/', { first_run });
  setIdleHeat = (idle_heat_mins: number) => this.http.post<System>('vigil/system/', { idle_heat_mins });
}
