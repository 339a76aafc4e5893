import type { Grant } from '$lib/bindings/Grant';
import type { GrantChange } from '$lib/bindings/GrantChange';
import type { Network } from '$lib/bindings/Network';
import type { NetworkChange } from '$lib/bindings/NetworkChange';
import type { NetworkOffer } from '$lib/bindings/NetworkOffer';
import type { NetworkSecret } from '$lib/bindings/NetworkSecret';
import type { NewShare } from '$lib/bindings/NewShare';
import type { PairWith } from '$lib/bindings/PairWith';
import type { Paired } from '$lib/bindings/Paired';
import type { Role } from '$lib/bindings/Role';
import type { SharedResource } from '$lib/bindings/SharedResource';
import type { Client } from './client';
import { refusal } from './errors';
import { API } from './http';

/** The listener for phones and other devices, and who may come in by it. */
export const network = (client: Client) => client.http.get<Network>('vigil/network/');
export const changeNetwork = (client: Client, change: NetworkChange) =>
  client.http.patch<Network>('vigil/network/', change);
/** Shows a new code for a device; the one before is worth nothing then. */
export const offer = (client: Client, role: Role) =>
  client.http.post<NetworkOffer>('vigil/network/pairing/', { role });
export const withdraw = (client: Client) => client.http.remove('vigil/network/pairing/');
export const addLink = (client: Client, name: string, hours: number) =>
  client.http.post<NetworkSecret>('vigil/network/links/', { name, hours });
/** Links that show one printer and nothing else, the newest first. */
export const shares = (client: Client, printer: number) =>
  client.http.get<SharedResource[]>(`sharedresources/?printer_id=${printer}`);
/** Makes one; it stands first in the answer, with its secret this once. */
export const share = (client: Client, printer: number, wanted: NewShare) =>
  client.http.post<SharedResource[]>(`sharedresources/?printer_id=${printer}`, wanted);
export const addKey = (client: Client, name: string, role: Role) =>
  client.http.post<NetworkSecret>('vigil/network/keys/', { name, role });
export const rename = (client: Client, id: number, change: GrantChange) =>
  client.http.patch<Grant>(`vigil/network/grants/${id}/`, change);
export const revoke = (client: Client, id: number) => client.http.remove(`vigil/network/grants/${id}/`);
/** Answers a program that asks for a key: with a role, or `null` for no key. */
export const answerAppKey = (client: Client, id: number, role: Role | null) =>
  client.http.post<unknown>(`vigil/network/app_keys/${id}/`, { role });

/** What a device shows to be let in. */
export type Proof = Omit<PairWith, 'name'>;

/** Asks to be let in, before there is any token to send. */
export async function pair(base: string, proof: Proof, name: string): Promise<Paired> {
  const answer = await fetch(`${base}${API}/vigil/pair/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...proof, name }),
    signal: AbortSignal.timeout(15_000),
  });
  const value: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(answer.status, value);
  return value as Paired;
}

/** What a device is called until somebody gives it a name: enough to tell it from others in the list. */
export function deviceName(agent: string): string {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/iPad/, 'iPad'],
    [/iPhone/, 'iPhone'],
    [/Android.*Mobile/, 'Android phone'],
    [/Android/, 'Android tablet'],
    [/Windows/, 'Windows computer'],
    [/Macintosh/, 'Mac'],
    [/Linux/, 'Linux computer'],
  ];
  return kinds.find(([pattern]) => pattern.test(agent))?.[1] ?? 'Browser';
}
