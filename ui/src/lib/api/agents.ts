import type { AgentLinking } from '$lib/bindings/AgentLinking';
import type { HostCameras } from '$lib/bindings/HostCameras';
import type { HostFiles } from '$lib/bindings/HostFiles';
import type { HostPower } from '$lib/bindings/HostPower';
import type { Client } from './client';

/** How the linking of agents of OctoPrint and Klipper stands. */
export const linking = (client: Client) => client.http.get<AgentLinking>('vigil/agents/');
/** Shows a code to be entered at an agent; `printer`: the one that is linked anew. */
export const offerCode = (client: Client, printer: number | null) =>
  client.http.post<AgentLinking>('vigil/agents/code/', { printer });
export const withdrawCode = (client: Client) => client.http.remove('vigil/agents/code/');
/** Links an agent that looks for a server. */
export const linkFound = (client: Client, device: string) =>
  client.http.post<AgentLinking>(`vigil/agents/found/${device}/`, {});
/** Tells the six digits to the agent that shows this passcode. */
export const linkByPasscode = (client: Client, one_time_passcode: string, verification_code: string) =>
  client.http.post<unknown>('one_time_passcodes/', { one_time_passcode, verification_code });

const host = (printer: number) => `vigil/printers/${printer}/host/`;
/** The G-code files that lie at a printer's host; an empty folder is the topmost. */
export const hostFiles = (client: Client, printer: number, folder: string) =>
  client.http.get<HostFiles>(`${host(printer)}files/?folder=${encodeURIComponent(folder)}`);
/** Only after a person has looked at the bed. */
export const printAtHost = (
  client: Client,
  printer: number,
  print: { path: string; signature: string | null; bed_clear: boolean },
) => client.http.post<null>(`${host(printer)}print/`, print);
/** What a printer's host switches on and off. */
export const hostPower = (client: Client, printer: number) =>
  client.http.get<HostPower>(`${host(printer)}power/`);
export const switchPower = (client: Client, printer: number, change: { device: string; on: boolean }) =>
  client.http.post<HostPower>(`${host(printer)}power/`, change);
/** The cameras that a printer's host knows. */
export const hostCameras = (client: Client, printer: number) =>
  client.http.get<HostCameras>(`${host(printer)}cameras/`);
/** Watches a printer with a further camera of its host. */
export async function useHostCamera(
  client: Client,
  printer: number,
  name: string,
  url: string,
): Promise<number> {
  const source = { kind: 'agent', printer, url };
  // One that gives no picture is never kept.
  await client.http.check('vigil/cameras/try/', { source });
  const camera = await client.http.post<{ id: number }>('vigil/cameras/', {
    name: (name || url).slice(0, 100),
    source,
  });
  await client.http.patch<unknown>(`printers/${printer}/`, { camera: camera.id });
  return camera.id;
}
