import type { Macro } from '$lib/bindings/Macro';
import type { MacroPatch } from '$lib/bindings/MacroPatch';
import type { NewMacro } from '$lib/bindings/NewMacro';
import type { Tool } from '$lib/bindings/Tool';
import type { Client } from './client';
import type { Accepted } from './types';
import type { TerminalPage } from '$lib/bindings/TerminalPage';
import type { Preset } from '$lib/bindings/Preset';

export type { TerminalPage, Preset };
export type { TerminalLine } from '$lib/bindings/TerminalLine';

export const sendTool = (client: Client, printer: number, tool: Tool) =>
  client.http.post<Accepted>(`vigil/printers/${printer}/tool/`, tool);
export const terminal = (client: Client, printer: number, after: number, limit: number) =>
  client.http.get<TerminalPage>(`vigil/printers/${printer}/terminal/`, { after, limit });
export const presets = (client: Client, printer: number) =>
  client.http.get<Preset[]>(`vigil/printers/${printer}/temp_profiles/`);
export const setPresets = (client: Client, printer: number, all: Preset[]) =>
  client.http.post<Preset[]>(`vigil/printers/${printer}/temp_profiles/`, all);
export const macros = (client: Client, printer: number) =>
  client.http.get<Macro[]>('vigil/macros/', { printer_id: printer });
export const addMacro = (client: Client, made: NewMacro) => client.http.post<Macro>('vigil/macros/', made);
export const changeMacro = (client: Client, id: number, change: MacroPatch) =>
  client.http.patch<Macro>(`vigil/macros/${id}/`, change);
export const removeMacro = (client: Client, id: number) => client.http.remove(`vigil/macros/${id}/`);
