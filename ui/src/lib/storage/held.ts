import type { Peek } from '$lib/desktop/maintenance';
import { bytes } from '$lib/format/numbers';

const some = (number: number, one: string, several: string): string =>
  `${number} ${number === 1 ? one : several}`;

/** What a backup holds, in a sentence. */
export function held({ history, bytes: size, app_version, with_pictures }: Peek): string {
  const parts = [
    some(history.printers, 'printer', 'printers'),
    some(history.prints, 'print', 'prints'),
    some(history.files, 'G-code file', 'G-code files'),
  ];
  const pictures = with_pictures ? '' : '; without single pictures';
  return `${parts.join(', ')}: ${bytes(size)}, made by Printvigil ${app_version}${pictures}.`;
}
