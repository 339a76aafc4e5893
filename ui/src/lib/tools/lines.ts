import type { TerminalLine } from '$lib/api/tools';

/** What a line is about, for the filters. */
export type LineKind = 'temperature' | 'ok' | 'busy' | 'position' | 'other';

/** Takes number and checksum off a line that was sent. */
export function bare(text: string): string {
  return /^N-?\d+\s+(.*?)\s*\*\d+$/.exec(text)?.[1] ?? text;
}

export function kindOf(line: Pick<TerminalLine, 'direction' | 'text'>): LineKind {
  const text = bare(line.text);
  if (line.direction === 'sent') {
    if (/^M(105|155)\b/.test(text)) return 'temperature';
    return /^M114\b/.test(text) ? 'position' : 'other';
  }
  if (/^(ok\s*.*)?\bT\d*:\s*-?[\d.]+/.test(text.trimStart())) return 'temperature';
  if (/^(echo:)?busy:/.test(text)) return 'busy';
  if (/^X:\s*-?[\d.]+\s*Y:/.test(text)) return 'position';
  return /^ok\b/.test(text) ? 'ok' : 'other';
}

/** Rows of a long list that are on the screen, and a few around them. */
export function visible(
  count: number,
  scrollTop: number,
  height: number,
  row: number,
): { from: number; to: number } {
  const AROUND = 12;
  const first = Math.floor(scrollTop / row);
  const from = Math.max(0, Math.min(first, count) - AROUND);
  return { from, to: Math.min(count, first + Math.ceil(height / row) + AROUND) };
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
