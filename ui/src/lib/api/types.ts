// Records that the API adds to those of the core's own types (`$lib/bindings`).
import type { AlertOverwrite } from '$lib/bindings/AlertOverwrite';
import type { Camera } from '$lib/bindings/Camera';
import type { CameraSource } from '$lib/bindings/CameraSource';
import type { Detection } from '$lib/bindings/Detection';
import type { FileView } from '$lib/bindings/FileView';
import type { FolderView } from '$lib/bindings/FolderView';
import type { Notice } from '$lib/bindings/Notice';
import type { PortChoice } from '$lib/bindings/PortChoice';
import type { PrinterKind } from '$lib/bindings/PrinterKind';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { Rotation } from '$lib/bindings/Rotation';

/** Where the core listens, and the word that opens it. */
export interface Connection {
  base_url: string;
  token: string;
}

export interface DetectorState {
  ok: boolean;
  name: string;
  why: string;
  fix: string;
}

export interface System {
  version: string;
  data_dir: string;
  detector: DetectorState;
  history_lost: string | null;
  first_run: boolean;
  first_print_done: boolean;
}

export type LiveMessage =
  | { type: 'snapshot'; seq: number; printers: PrinterView[]; system: System }
  | { type: 'printer'; seq: number; printer: PrinterView }
  | { type: 'removed'; seq: number; printer: number }
  | { type: 'notice'; seq: number; notice: Notice }
  | { type: 'system'; seq: number; system: System }
  | { type: 'refused'; code: string };

export interface Accepted {
  succeeded: boolean;
  printer: PrinterView;
}

export interface Ticket {
  ticket: string;
  expires_in_secs: number;
}

/** Something that keeps us from a port, and the cure with its exact command. */
export interface Trouble {
  code: string;
  what: string;
  cure: string;
}

export interface Port {
  path: string;
  label: string;
  /** Maker and product, `1a86:7523`. */
  usb: string | null;
  likely: boolean;
  /** Surely no printer. */
  stranger: boolean;
  in_use: boolean;
  why: string;
  troubles: Trouble[];
}

export interface CameraDevice {
  device: string;
  label: string;
  in_use: boolean;
}

export interface Cameras {
  cameras: Camera[];
  devices: CameraDevice[];
}

export interface NewCamera {
  name: string;
  source: CameraSource;
  rotation: Rotation;
  flip_h: boolean;
  flip_v: boolean;
}

export interface NewPrinter {
  name: string;
  kind: PrinterKind;
  port?: PortChoice;
  camera?: number;
}

/** Unix seconds on the printer's clock; each heater's temperature and target. */
export interface TemperatureSample {
  t: number;
  heaters: Partial<Record<string, [number, number | null]>>;
}

export interface TryResult {
  probability: number;
  p: number;
  boxes: Detection[];
  frame_size: [number, number];
  total_ms: number;
  inference_ms: number;
  img_data_url: string;
}

export interface Page<T> {
  count: number;
  next: string | null;
  previous: string | null;
  results: T[];
}
export type FilePage = Page<FileView>;
export type FolderPage = Page<FolderView>;

export type FileSorting =
  | 'created_at_desc'
  | 'created_at_asc'
  | 'filename_asc'
  | 'filename_desc'
  | 'num_bytes_desc'
  | 'num_bytes_asc';

export interface FileQuery {
  q?: string;
  filename?: string;
  /** A number, or `root` for the top; absent: anywhere. */
  parent_folder?: string;
  sorting?: FileSorting;
  page?: number;
  page_size?: number;
}

/** Where an upload shall lie, and whether its namesake there goes. */
export interface UploadTo {
  folder: number | null;
  replace: boolean;
}

export type Severity = 'stop' | 'warn' | 'note';

/** What was found in a file before it is printed. */
export interface Finding {
  severity: Severity;
  what: string;
  do: string;
}

export interface Preflight {
  findings: Finding[];
}

export type DemoFault = 'tangle' | 'camera_gone' | 'cable_pulled' | 'noise' | 'no_oks_after_pause' | 'reboot';
export type HeaterName = 'tool0' | 'bed';
export type AxisName = 'x' | 'y' | 'z';
export type Verdict = AlertOverwrite | null;
