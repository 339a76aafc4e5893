import type { TerminalLine } from '$lib/api/tools';

/** What a line is about, for the filters. */
export type LineKind = 'temperature' | 'sd' | 'ok' | 'busy' | 'position' | 'other';

/** Takes number and checksum off a line that was sent. */
export function bare(text: string): string {
  return /^N-?\d+\s+(.*?)\s*\*\d+$/.exec(text)?.[1] ?? text;
}

export function kindOf(line: Pick<TerminalLine, 'direction' | 'text'>): LineKind {
  const text = bare(line.text);
  if (line.direction === 'sent') {
    if (/^M(105|155)\b/.test(text)) return 'temperature';
    if (/^M27\b/.test(text)) return 'sd';
    return /^M114\b/.test(text) ? 'position' : 'other';
  }
  if (/^(ok\s*.*)?\bT\d*:\s*-?[\d.]+/.test(text.trimStart())) return 'temperature';
  if (/^(echo:)?busy:/.test(text)) return 'busy';
  if (/^X:\s*-?[\d.]+\s*Y:/.test(text)) return 'position';
  if (/^(echo:)?\s*(Not )?SD printing\b/i.test(text)) return 'sd';
  return /^ok\b/.test(text) ? 'ok' : 'other';
}

/** Typed commands, walked with the arrow keys. */
export class History {
  #typed: string[] = [];
  #at = 0;

  add(line: string): void {
    if (line && this.#typed.at(-1) !== line) this.#typed.push(line);
    if (this.#typed.length > 200) this.#typed.shift();
    this.#at = this.#typed.length;
  }

  older(): string | null {
    if (this.#at === 0) return null;
    this.#at -= 1;
    return this.#typed[this.#at] ?? null;
  }

  newer(): string | null {
    if (this.#at >= this.#typed.length) return null;
    this.#at += 1;
    return this.#typed[this.#at] ?? '';
  }
}

/** Emergency stop, however it was typed: it goes out of band, and is never asked about. */
export const isStopLine = (line: string): boolean => /^\s*(N\d+\s*)?M\s*0*112(?!\d)/i.test(line);
