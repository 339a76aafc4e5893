// What a backup of OctoPrint holds, and what came of it, in sentences.
import type { OctoPrintBackup } from '$lib/bindings/OctoPrintBackup';
import type { OctoPrintTaken } from '$lib/bindings/OctoPrintTaken';
import { counted } from '$lib/format/numbers';

/** Whether anything of it can be taken. */
export function holdsAnything(backup: OctoPrintBackup): boolean {
  return backup.files + backup.films + backup.prints > 0;
}

function brought(count: number, there: number, one: string): string[] {
  if (count + there === 0) return [];
  return [
    there > 0 ? `${counted(count, one)} (${String(there)} more were here already)` : counted(count, one),
  ];
}

/** `Brought in: 12 files (3 more were here already), 2 timelapses.` */
export function takenWords(taken: OctoPrintTaken): string {
  const parts = [
    ...brought(taken.files, taken.files_there, 'file'),
    ...brought(taken.films, taken.films_there, 'timelapse'),
    ...brought(taken.prints, taken.prints_there, 'past print'),
  ];
  const all = parts.length > 0 ? `Brought in: ${parts.join(', ')}.` : 'Nothing was brought in.';
  return taken.failed > 0 ? `${all} ${String(taken.failed)} could not be brought in.` : all;
}
