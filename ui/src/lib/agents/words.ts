/** The line to paste into the configuration of the agent beside Klipper. */
export function klipperLine(address: string): string {
  return `url = ${address}`;
}

/** Six digits in two groups, as they are read out. */
export function codeWords(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

/** The folder that holds this one; empty is the topmost. */
export function folderAbove(folder: string): string {
  return folder.split('/').slice(0, -1).join('/');
}

/** Whether something is switched on, as far as its host knows. */
export function powerWord(on: boolean | null): string {
  return on === null ? 'not known' : on ? 'on' : 'off';
}

/** What drives a printer, by the name of its link. */
export function hostWord(label: string): string {
  return ['OctoPrint', 'Klipper'].includes(label) ? label : 'OctoPrint or Klipper';
}
