import type { RemoteCommand } from '$lib/bindings/RemoteCommand';
import type { SentToOther } from '$lib/bindings/SentToOther';
import type { Client } from './client';

const AT = 'vigil/machines/';

/** Sends a command to a printer on another computer. Whether it was done is seen in what that computer tells. */
export const askOther = (client: Client, node: string, printer: number, command: RemoteCommand) =>
  client.http.post<SentToOther>(`${AT}${node}/printers/${printer}/`, { command });
/** Takes a machine that has gone for good off the list, here and on the broker. */
export const forgetMachine = (client: Client, node: string) => client.http.remove(`${AT}${node}/`);
