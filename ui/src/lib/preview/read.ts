import type { Client } from '$lib/api/client';
import type { FileLines } from '$lib/bindings/FileLines';
import type { LayerList } from '$lib/bindings/LayerList';

/** What can be drawn of a file, and its text around a command. */
export const layerList = (client: Client, file: number) =>
  client.http.get<LayerList>(`vigil/files/${file}/layers/`);
export const layerBytes = (client: Client, file: number, at: number) =>
  client.http.bytes(`vigil/files/${file}/layers/${at}/`);
export const fileLines = (client: Client, file: number, at: number, around: number) =>
  client.http.get<FileLines>(`vigil/files/${file}/lines/`, { at, around });
