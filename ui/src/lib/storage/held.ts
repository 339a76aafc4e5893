import type { Peek } from '$lib/desktop/maintenance';
import { bytes, counted } from '$lib/format/numbers';

/** What a backup holds, in a sentence. */
export function held({ history, bytes: size, app_version, with_pictures }: Peek): string {
  const parts = [
    counted(history.printers, 'printer'),
    counted(history.prints, 'print'),
    counted(history.files, 'G-code file'),
  ];
  const pictures = with_pictures ? '' : '; without single pictures';
  return `${parts.join(', ')}: ${bytes(size)}, made by Printvigil ${app_version}${pictures}.`;
}
