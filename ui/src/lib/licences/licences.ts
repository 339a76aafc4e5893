// The licences of what the app carries: a file beside the page, written when the page is built.

/** A package, a library or a model. */
export interface Part {
  name: string;
  version: string;
  /** As SPDX writes it. */
  licence: string;
  kind: string;
  home: string;
  /** Numbers of its texts. */
  texts: readonly number[];
  note: string;
}

export interface Licences {
  parts: readonly Part[];
  texts: readonly string[];
}

/** Reads them; fails where the page was not built whole. */
export async function licences(): Promise<Licences> {
  const answer = await fetch('./licences.json');
  if (!answer.ok) throw new Error('This build carries no list of licences.');
  return (await answer.json()) as Licences;
}

/** Those whose name or licence holds the text. */
export function found(parts: readonly Part[], text: string): Part[] {
  const wanted = text.trim().toLowerCase();
  return parts.filter((part) => `${part.name} ${part.licence} ${part.kind}`.toLowerCase().includes(wanted));
}
