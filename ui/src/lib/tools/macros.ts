import type { MacroColour } from '$lib/bindings/MacroColour';

/** A macro as it is edited. */
export interface Edited {
  /** `null`: a new one. */
  id: number | null;
  name: string;
  body: string;
  colour: MacroColour | null;
  confirm: boolean;
}

/** The colours of the data, which mean nothing else on a button. */
export const COLOURS: readonly { value: MacroColour; text: string; token: string }[] = [
  { value: 'blue', text: 'Blue', token: '--bed' },
  { value: 'teal', text: 'Teal', token: '--width-2' },
  { value: 'green', text: 'Green', token: '--width-3' },
  { value: 'ochre', text: 'Ochre', token: '--path-infill' },
  { value: 'plum', text: 'Plum', token: '--nozzle' },
  { value: 'violet', text: 'Violet', token: '--path-solid' },
];

export const colourOf = (colour: MacroColour | null): string => {
  const found = COLOURS.find(({ value }) => value === colour);
  return found ? `var(${found.token})` : 'transparent';
};

/** The same list with one of it at another place. */
export function moved<T>(all: readonly T[], from: number, to: number): T[] {
  const rest = all.filter((_, at) => at !== from);
  const one = all[from];
  return one === undefined ? [...all] : [...rest.slice(0, to), one, ...rest.slice(to)];
}
