import type { AlertSound } from '$lib/bindings/AlertSound';
import type { Client } from './client';

export const setAlertSound = (client: Client, sound: AlertSound) =>
  client.http.send('PUT', 'vigil/alert_sound/', sound) as Promise<AlertSound>;
