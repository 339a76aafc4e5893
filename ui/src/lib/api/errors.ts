/** An answer of the core that is a refusal, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string,
    /** Fingerprint of a camera’s certificate that a person may accept; empty where that is not what is missing. */
    readonly certificate = '',
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Message and what to do, as one text. */
  get full(): string {
    return [this.message, this.hint].filter(Boolean).map(sentence).join(' ');
  }
}

/** With a capital and a full stop, as people write. A name in front (`part.gcode`) stays as it is. */
function sentence(text: string): string {
  const begun = /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** Reads a refusal; anything that is none of ours becomes a plain sentence. */
export function refusal(status: number, body: unknown): ApiError {
  const part = (key: string): string => {
    const value =
      typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
    return typeof value === 'string' ? value : '';
  };
  const message = part('message') || `Printvigil’s background service answered with an error (${status}).`;
  return new ApiError(status, part('code') || 'unknown', message, part('hint'), part('certificate'));
}

/** Returns what to show for anything that was thrown. */
export function say(error: unknown): string {
  if (error instanceof ApiError) return error.full;
  const name = error instanceof Error ? error.name : '';
  if (error instanceof TypeError || name === 'TimeoutError' || name === 'AbortError')
    return 'Printvigil’s background service does not answer. Is it still running?';
  return error instanceof Error ? error.message : String(error);
}
