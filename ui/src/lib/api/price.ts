import type { FilamentPrice } from '$lib/bindings/FilamentPrice';
import type { Client } from './client';

export const filamentPrice = (client: Client) => client.http.get<FilamentPrice>('vigil/filament_price/');
export const setFilamentPrice = (client: Client, price: FilamentPrice) =>
  client.http.send('PUT', 'vigil/filament_price/', price) as Promise<FilamentPrice>;
