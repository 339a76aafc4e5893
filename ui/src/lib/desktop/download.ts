import { ApiError } from '$lib/api/errors';
import { API, type Query } from '$lib/api/http';
import { inDesktop, saveFilm } from '$lib/desktop';
import type { Client } from '$lib/api/client';

/**
 * Saves what the core makes at `path`, below the API's root, where the person says.
 * Returns `false` when they changed their mind.
 */
export async function download(
  client: Client,
  path: string,
  name: string,
  query: Query = {},
): Promise<boolean> {
  const whole = `${API}/${path}`;
  // The window fetches by itself and writes as it comes: a large file does not pass through the page.
  if (inDesktop()) return saveFilm(client.http.url(whole, query), name);
  try {
    const ticket = await client.tickets.take(whole);
    return await saveFilm(client.http.url(whole, { ...query, ticket }), name);
  } catch (error) {
    // No ticket is given for it: then it is read here, with the token.
    if (!(error instanceof ApiError)) throw error;
  }
  const url = URL.createObjectURL(await client.http.blob(whole, query));
  const saved = await saveFilm(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return saved;
}
