import type { SpoolNeed } from '$lib/bindings/SpoolNeed';
import type { SpoolView } from '$lib/bindings/SpoolView';
import { filament } from '$lib/format/numbers';

/** `412 g`, `1.24 kg` */
export const weight = (grams: number): string =>
  grams >= 1000
    ? `${(grams / 1000).toFixed(2)} kg`
    : `${grams < 10 ? grams.toFixed(1) : Math.round(grams)} g`;

/** `412 g (138.15 m)` */
export const amount = (grams: number | null, mm: number): string =>
  grams === null ? filament(mm) : `${weight(grams)} (${filament(mm)})`;

/** `Teal matt, PETG` */
export const spoolName = (spool: Pick<SpoolView, 'name' | 'material'>): string =>
  spool.material && !spool.name.includes(spool.material) ? `${spool.name}, ${spool.material}` : spool.name;

/** What is left, and how sure that is. */
export function leftWords(spool: Pick<SpoolView, 'left_g' | 'left_mm' | 'about' | 'overdrawn'>): string {
  if (spool.overdrawn) return 'More was counted than was on it: weigh it';
  return `${spool.about ? 'about ' : ''}${amount(spool.left_g, spool.left_mm)} left`;
}

export interface NeedWords {
  state: 'done' | 'flawed' | 'todo';
  title: string;
  text: string;
}

const onTool = (need: SpoolNeed, several: boolean): string => (several ? `Tool ${need.tool + 1}: ` : '');

/** Whether the loaded spools are enough for what is to be printed, the worst first. Only a warning. */
export function needWords(needs: readonly SpoolNeed[]): NeedWords | null {
  const several = needs.length > 1;
  const short = needs.find((need) => need.short);
  if (short) {
    const left = amount(short.left_g, short.left_mm ?? 0);
    return {
      state: 'flawed',
      title: 'Not enough filament on the spool',
      text: `${onTool(short, several)}${amount(short.needed_g, short.needed_mm)} needed, ${short.about ? 'about ' : ''}${left} left of ${spoolName(short)}.`,
    };
  }
  const other = needs.find((need) => need.other_material !== null);
  if (other) {
    return {
      state: 'flawed',
      title: 'Another material is loaded',
      text: `${onTool(other, several)}sliced for ${other.other_material ?? ''}; ${spoolName(other)} is loaded.`,
    };
  }
  const unknown = needs.find((need) => need.spool === null);
  if (unknown) {
    return {
      state: 'todo',
      title: 'Which spool is loaded?',
      text: `${onTool(unknown, several)}${amount(unknown.needed_g, unknown.needed_mm)} needed.`,
    };
  }
  const first = needs[0];
  if (!first) return null;
  return {
    state: 'done',
    title: 'Filament is enough',
    text: `${amount(first.needed_g, first.needed_mm)} of ${first.about ? 'about ' : ''}${amount(first.left_g, first.left_mm ?? 0)} left of ${spoolName(first)}.`,
  };
}
