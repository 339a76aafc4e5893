import type { Finding, Severity } from '$lib/api/types';

const ORDER: readonly Severity[] = ['stop', 'warn', 'note'];

export const sorted = (findings: readonly Finding[]): Finding[] =>
  ORDER.flatMap((s) => findings.filter((f) => f.severity === s));

/** What needs a person's eyes before it is printed; what is only good to know does not. */
export const grave = (findings: readonly Finding[]): Finding[] =>
  sorted(findings).filter((f) => f.severity !== 'note');

/** In a few words, for a line of the checklist. */
export function findingWords(findings: readonly Finding[]): string {
  const all = grave(findings);
  const first = all[0];
  if (!first) return '';
  return all.length === 1 ? first.what : `${first.what} (and ${all.length - 1} more)`;
}
