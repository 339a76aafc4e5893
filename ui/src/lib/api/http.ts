import { refusal } from './errors';
import type { Connection } from './types';

export const API = '/api/v1';

/** A core that takes longer than this hangs. Long work is asked about, not waited for. */
const PATIENCE_MS = 60_000;

/** As T; what is undefined is left out. */
export type Sparse<T> = { [K in keyof T]?: T[K] | undefined };

export interface Query {
  [name: string]: string | number | boolean | undefined;
}

/** One place that talks HTTP with the core. Knows the token, and no feature. */
export class Http {
  readonly base: string;
  readonly #token: string;

  constructor(
    connection: Connection,
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {
    this.base = connection.base_url.replace(/\/+$/, '');
    this.#token = connection.token;
  }

  url(path: string, query: Query = {}): string {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) params.set(name, String(value));
    }
    const text = params.toString();
    return `${this.base}${path}${text ? `?${text}` : ''}`;
  }

  /** The first message of the live socket. */
  hello(): string {
    return JSON.stringify({ token: this.#token });
  }

  liveUrl(): string {
    return `${this.base.replace(/^http/, 'ws')}${API}/live`;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    query?: Query,
    patience = PATIENCE_MS,
  ): Promise<unknown> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.#token}` };
    const form = body instanceof FormData;
    if (body !== undefined && !form) headers['Content-Type'] = 'application/json';
    const init: RequestInit = { method, headers, signal: AbortSignal.timeout(patience) };
    if (body !== undefined) init.body = form ? body : JSON.stringify(body);
    const answer = await this.fetcher(this.url(`${API}/${path}`, query), init);
    const text = await answer.text();
    const value: unknown = parse(text);
    if (!answer.ok) throw refusal(answer.status, value);
    return value;
  }

  /** Reads what is no text. */
  async bytes(path: string): Promise<ArrayBuffer> {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const answer = await this.fetcher(this.url(`${API}/${path}`), { headers });
    if (!answer.ok) throw refusal(answer.status, parse(await answer.text()));
    return answer.arrayBuffer();
  }

  /** Reads a picture or a film by its whole path. */
  async blob(path: string, query?: Query): Promise<Blob> {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const answer = await this.fetcher(this.url(path, query), { headers });
    if (!answer.ok) throw refusal(answer.status, parse(await answer.text()));
    return answer.blob();
  }

  /** Asks for a picture by its ticket: without a header there is no second request before it. For any status. */
  picture(path: string, query: Query, signal: AbortSignal): Promise<Response> {
    return this.fetcher(this.url(path, query), { signal, cache: 'no-store' });
  }

  /** Sends a form and tells how far it is, 0 to 1. Only an XMLHttpRequest knows that. */
  upload<T>(path: string, form: FormData, onprogress: (part: number) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', this.url(`${API}/${path}`));
      request.setRequestHeader('Authorization', `Bearer ${this.#token}`);
      request.upload.onprogress = (e) => {
        if (e.lengthComputable && e.total > 0) onprogress(e.loaded / e.total);
      };
      request.onload = () => {
        const value = parse(request.responseText);
        if (request.status >= 200 && request.status < 300) resolve(value as T);
        else reject(refusal(request.status, value));
      };
      request.onerror = () => reject(new TypeError('The connection broke.'));
      request.send(form);
    });
  }

  async get<T>(path: string, query?: Query): Promise<T> {
    return (await this.send('GET', path, undefined, query)) as T;
  }

  async post<T>(path: string, body?: unknown, query?: Query, patience?: number): Promise<T> {
    return (await this.send('POST', path, body, query, patience)) as T;
  }

  /** Asks for something of which only the refusal matters. */
  async check(path: string, body: unknown): Promise<true> {
    await this.send('POST', path, body);
    return true;
  }

  async patch<T>(path: string, body: unknown): Promise<T> {
    return (await this.send('PATCH', path, body)) as T;
  }

  async remove(path: string): Promise<void> {
    await this.send('DELETE', path);
  }
}

function parse(text: string): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
