import type { AgentLinking } from '$lib/bindings/AgentLinking';
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
