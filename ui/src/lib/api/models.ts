import type { Client } from './client';
import type { ImportedModel } from '$lib/bindings/ImportedModel';
import type { Models } from '$lib/bindings/Models';
import type { Imported } from '$lib/bindings/Imported';

export type { ImportedModel, Models, Imported };
export type { ModelKind } from '$lib/bindings/ModelKind';
export type { ModelSettings } from '$lib/bindings/ModelSettings';
export type { CheckReport } from '$lib/bindings/CheckReport';

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
