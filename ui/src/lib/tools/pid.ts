import type { TerminalLine } from '$lib/bindings/TerminalLine';

/** What a heater test came to, as far as the printer has told. */
export type PidState =
  | { state: 'running' }
  | { state: 'done'; kp: number; ki: number; kd: number }
  | { state: 'failed'; why: string };

const VALUES = /\bKp:\s*([\d.]+)\s*Ki:\s*([\d.]+)\s*Kd:\s*([\d.]+)/i;

/** Reads what the printer says while it tests a heater (M303). The last values count, and only once it says that it is done. */
export function readPid(lines: readonly Pick<TerminalLine, 'direction' | 'text'>[]): PidState {
  let values: RegExpExecArray | null = null;
  for (const { direction, text } of lines) {
    if (direction !== 'received') continue;
    if (/unknown command.*M303/i.test(text))
      return { state: 'failed', why: "This printer's firmware has no such test (it lacks M303)." };
    if (/pid autotune failed/i.test(text))
      return { state: 'failed', why: text.replace(/^echo:|^Error:/i, '').trim() };
    values = VALUES.exec(text) ?? values;
    if (/autotune finished/i.test(text) && values) {
      const [kp, ki, kd] = values.slice(1).map(Number) as [number, number, number];
      return { state: 'done', kp, ki, kd };
    }
  }
  return { state: 'running' };
}

/** Steps a millimetre for the extruder: what was set, by what should have been fed and what was. */
export function newSteps(old: number, asked: number, fed: number): number {
  return Math.round((old * asked * 100) / fed) / 100;
}
