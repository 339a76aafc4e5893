// Records that the API adds to those of the core's own types (`$lib/bindings`).
import type { AlertOverwrite } from '$lib/bindings/AlertOverwrite';
import type { FileView } from '$lib/bindings/FileView';
import type { FolderView } from '$lib/bindings/FolderView';
import type { System } from '$lib/bindings/System';
import type { Page } from '$lib/bindings/Page';

export type { Page };
export type { LiveMessage } from '$lib/bindings/LiveMessage';
export type { Accepted } from '$lib/bindings/Accepted';
export type { Ticket } from '$lib/bindings/Ticket';
export type { Trouble } from '$lib/bindings/Trouble';
export type { Port } from '$lib/bindings/Port';
export type { CameraDevice } from '$lib/bindings/CameraDevice';
export type { CameraRecord } from '$lib/bindings/CameraRecord';
export type { Cameras } from '$lib/bindings/Cameras';
export type { NewCamera } from '$lib/bindings/NewCamera';
export type { NewPrinter } from '$lib/bindings/NewPrinter';
export type { TemperatureSample } from '$lib/bindings/TemperatureSample';
export type { Sight } from '$lib/bindings/Sight';
export type { TryResult } from '$lib/bindings/TryResult';
export type { FileQuery } from '$lib/bindings/FileQuery';
export type { FileSorting } from '$lib/bindings/FileSorting';
export type { DemoFault } from '$lib/bindings/DemoFault';
export type { Axis } from '$lib/bindings/Axis';
export type { Severity } from '$lib/bindings/Severity';
export type { Finding } from '$lib/bindings/Finding';
export type { Preflight } from '$lib/bindings/Preflight';

export type { System };

/** Where the core listens, and the word that opens it. */
export interface Connection {
  base_url: string;
  token: string;
  /** Over the network, from another device. */
  remote?: boolean;
}

export type FilePage = Page<FileView>;
export type FolderPage = Page<FolderView>;

/** Where an upload shall lie, and whether its namesake there goes. */
export interface UploadTo {
  folder: number | null;
  replace: boolean;
}

export type Verdict = AlertOverwrite | null;
