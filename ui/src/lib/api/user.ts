import type { User } from '$lib/bindings/User';
import type { Client } from './client';

/** From here on detection hours are unlimited. */
export const UNLIMITED_HOURS = 1e8;

interface UserChange {
  /** `null` is unlimited. */
  dh_balance?: number | null;
  notification_enabled?: boolean;
}

export const user = (client: Client) => client.http.get<User>('users/me/');
export const changeUser = (client: Client, change: UserChange) =>
  client.http.send('PATCH', 'users/me/', change) as Promise<User>;
