import type { Recovery } from '$lib/bindings/Recovery';
import { clock, unix } from '$lib/format/time';

/** What is known for certain of a print that was interrupted, in a sentence or two. */
export function certain(cut: Recovery): string {
  const parts = [`line ${cut.line} of ${cut.lines}`];
  if (cut.layer_idx !== null) {
    parts.push(`layer ${cut.layer_idx + 1}${cut.layers === null ? '' : ` of ${cut.layers}`}`);
  }
  if (cut.z_mm !== null) parts.push(`${Math.round(cut.z_mm * 100) / 100} mm high`);
  const out = cut.left_out.length;
  if (out > 0) parts.push(out === 1 ? 'one object left out' : `${out} objects left out`);
  const heat = [
    cut.hotend_c === null ? null : `hotend ${Math.round(cut.hotend_c)} °C`,
    cut.bed_c === null ? null : `bed ${Math.round(cut.bed_c)} °C`,
  ].filter((word) => word !== null);
  const then = heat.length > 0 ? `, ${heat.join(', ')}` : '';
  return `Last confirmed at ${clock(unix(cut.at))}: ${parts.join(', ')}${then}.`;
}

/** Whether there is something to go on with: at no height nothing was laid down yet. */
export const resumable = (cut: Pick<Recovery, 'z_mm'>): boolean => cut.z_mm !== null && cut.z_mm > 0;
