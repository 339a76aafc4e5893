import type { Client } from './client';
import type { OctoPrintBackup } from '$lib/bindings/OctoPrintBackup';
import type { OctoPrintTake } from '$lib/bindings/OctoPrintTake';

export type { OctoPrintBackup, OctoPrintTake };

const AT = 'vigil/octoprint_backup/';

export const lookAtOctoPrint = (client: Client, file: File, onprogress: (part: number) => void) => {
  const form = new FormData();
  form.set('file', file, file.name);
  return client.http.upload<OctoPrintBackup>(AT, form, onprogress);
};
export const octoPrintBackup = (client: Client) => client.http.get<OctoPrintBackup | null>(AT);
export const takeOctoPrint = (client: Client, wanted: OctoPrintTake) =>
  client.http.post<OctoPrintBackup>(`${AT}take/`, wanted);
export const forgetOctoPrint = (client: Client) => client.http.remove(AT);
