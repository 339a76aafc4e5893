import type { PrintView } from '$lib/bindings/PrintView';

type Named = Pick<PrintView, 'filename' | 'started_at'>;

/** File and day of a print, in letters that every system takes. */
function stem(print: Named): string {
  const name = print.filename.replace(/\.[^.]+$/, '').replace(/[^\p{L}\p{N}_-]+/gu, '-');
  return `${name.replace(/^-+|-+$/g, '') || 'print'}-${print.started_at.slice(0, 10)}`;
}

/** A name for a saved film; the one with boxes says so. */
export const filmName = (print: Named, kind: 'plain' | 'tagged' = 'plain'): string =>
  `${stem(print)}${kind === 'tagged' ? '-detective' : ''}.mp4`;

/** A name for an exported print. */
export const exportName = (print: Named, end: 'zip' | 'html'): string => `${stem(print)}.${end}`;
