import type { Detection } from '$lib/bindings/Detection';
import type { Client } from './client';

export type ModelKind = 'grid' | 'obico' | 'yolo5' | 'yolo8';

export interface ModelSettings {
  kind: ModelKind;
  name: string;
  failure_classes: string[];
  confidence_above: number;
}

/** What the check of a model file found. */
export interface CheckReport {
  kind: ModelKind;
  input: [number, number];
  classes: string[];
  failure_classes: string[];
  confidence_above: number;
  ms_per_picture: number;
  probability: number;
  p: number;
  boxes: Detection[];
  problems: string[];
}

export interface ImportedModel {
  id: string;
  settings: ModelSettings;
  report: CheckReport;
}

export interface Models {
  in_use: string | null;
  running: string;
  fallback: string;
  models: ImportedModel[];
}

export interface Imported {
  model: ImportedModel;
  img_data_url: string | null;
}

export const models = (client: Client) => client.http.get<Models>('models/');
export const importModel = (client: Client, file: File, onprogress: (part: number) => void) => {
  const form = new FormData();
  form.set('file', file, file.name);
  return client.http.upload<Imported>('models/', form, onprogress);
};
export const useModel = (client: Client, id: string | null) =>
  client.http.post<Models>(`models/${id ?? 'built-in'}/use/`);
export const changeModel = (
  client: Client,
  id: string,
  change: { name?: string; failure_classes?: string[]; confidence_above?: number },
) => client.http.patch<ImportedModel>(`models/${id}/`, change);
export const removeModel = (client: Client, id: string) => client.http.remove(`models/${id}/`);
