import type { PrintView } from '$lib/bindings/PrintView';

/** A name for a saved film that every system takes: file and day of the print. */
export function filmName(print: Pick<PrintView, 'filename' | 'started_at'>): string {
  const stem = print.filename.replace(/\.[^.]+$/, '').replace(/[^\p{L}\p{N}_-]+/gu, '-');
  return `${stem.replace(/^-+|-+$/g, '') || 'print'}-${print.started_at.slice(0, 10)}.mp4`;
}
