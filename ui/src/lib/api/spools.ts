import type { EnergyPrice } from '$lib/bindings/EnergyPrice';
import type { PrintCost } from '$lib/bindings/PrintCost';
import type { QueueNeed } from '$lib/bindings/QueueNeed';
import type { SpoolForm } from '$lib/bindings/SpoolForm';
import type { SpoolList } from '$lib/bindings/SpoolList';
import type { SpoolmanImport } from '$lib/bindings/SpoolmanImport';
import type { SpoolNeed } from '$lib/bindings/SpoolNeed';
import type { SpoolView } from '$lib/bindings/SpoolView';
import type { Client } from './client';
import type { Accepted } from './types';

const put = <T>(client: Client, path: string, body: unknown) =>
  client.http.send('PUT', path, body) as Promise<T>;

export const spools = (client: Client) => client.http.get<SpoolList>('vigil/spools/');
export const addSpool = (client: Client, form: SpoolForm) =>
  client.http.post<SpoolView>('vigil/spools/', form);
export const changeSpool = (client: Client, id: number, form: SpoolForm) =>
  put<SpoolView>(client, `vigil/spools/${id}/`, form);
export const removeSpool = (client: Client, id: number) => client.http.remove(`vigil/spools/${id}/`);
/** What the spool weighs with its filament, grams. */
export const weighSpool = (client: Client, id: number, gross_g: number) =>
  client.http.post<SpoolView>(`vigil/spools/${id}/weigh/`, { gross_g });
export const setLow = (client: Client, low_g: number) =>
  put<SpoolList>(client, 'vigil/spools/low/', { low_g });

/** Says which spool is on a tool; `null`: none, or nobody knows. */
export const loadSpool = (client: Client, printer: number, tool: number, spool: number | null) =>
  put<Accepted>(client, `vigil/printers/${printer}/spools/${tool}/`, { spool });
/** What a file needs of the loaded spools. */
export const spoolNeed = (client: Client, printer: number, file: number) =>
  client.http.get<SpoolNeed[]>(`vigil/printers/${printer}/spools/need/`, { file });
export const queueNeeds = (client: Client, printer: number) =>
  client.http.get<QueueNeed[]>(`vigil/printers/${printer}/queue/spools/`);

export const printCost = (client: Client, print: number) =>
  client.http.get<PrintCost>(`vigil/prints/${print}/cost/`);
export const assignSpool = (client: Client, print: number, part: number, spool: number | null) =>
  put<PrintCost>(client, `vigil/prints/${print}/spools/${part}/`, { spool });

export const fromSpoolman = (client: Client, list: unknown, look_only: boolean) =>
  client.http.send('POST', 'vigil/spools/spoolman/', list, { look_only }) as Promise<SpoolmanImport>;

export const energyPrice = (client: Client) => client.http.get<EnergyPrice>('vigil/energy_price/');
export const setEnergyPrice = (client: Client, energy: EnergyPrice) =>
  put<EnergyPrice>(client, 'vigil/energy_price/', energy);

export const failureReasons = (client: Client) => client.http.get<string[]>('vigil/failure_reasons/');
export const setFailureReasons = (client: Client, words: readonly string[]) =>
  put<string[]>(client, 'vigil/failure_reasons/', words);
