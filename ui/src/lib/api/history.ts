import type { PrintView } from '$lib/bindings/PrintView';
import type { Client } from './client';
import type { Query } from './http';
import type { PrintCount } from '$lib/bindings/PrintCount';
import type { Totals } from '$lib/bindings/Totals';
import type { Stats } from '$lib/bindings/Stats';
import type { GroupBy } from '$lib/bindings/GroupBy';
import type { Care } from '$lib/bindings/Care';
import type { PrintOutcome } from '$lib/bindings/PrintOutcome';
import type { PrintVerdict } from '$lib/bindings/PrintVerdict';

export type { PrintCount, Totals, Stats, Care };
export type { StatGroup } from '$lib/bindings/StatGroup';

/** Which past prints are meant. */
export interface PrintChoice {
  q: string;
  result: PrintOutcome | '';
  verdict: PrintVerdict | '';
  printer: number | null;
  alerts: boolean;
  kept: boolean;
  tag: string;
  /** Days of this place, `2026-11-22`; empty: any. */
  from: string;
  to: string;
  file: number | null;
}

export const NO_CHOICE: PrintChoice = {
  q: '',
  result: '',
  verdict: '',
  printer: null,
  alerts: false,
  kept: false,
  tag: '',
  from: '',
  to: '',
  file: null,
};

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The choice as the core asks for it; what does not restrict is left out. */
export function choiceQuery(choice: PrintChoice): Query {
  const days = choice.from !== '' || choice.to !== '';
  return {
    q: choice.q || undefined,
    result: choice.result || undefined,
    verdict: choice.verdict || undefined,
    'filter_by_printer_ids[]': choice.printer ?? undefined,
    alerts: choice.alerts || undefined,
    kept: choice.kept || undefined,
    tag: choice.tag || undefined,
    file: choice.file ?? undefined,
    from_date: choice.from || undefined,
    to_date: choice.to || undefined,
    timezone: days ? zone() : undefined,
  };
}

const statQuery = (choice: PrintChoice, by: GroupBy): Query => ({
  timezone: zone(),
  group_by: by,
  from_date: choice.from || undefined,
  to_date: choice.to || undefined,
  'filter_by_printer_ids[]': choice.printer ?? undefined,
});

export const prints = (client: Client, choice: PrintChoice, start: number, limit: number) =>
  client.http.get<PrintView[]>('prints/', { ...choiceQuery(choice), sorting: 'date_desc', start, limit });
export const countPrints = (client: Client, choice: PrintChoice) =>
  client.http.get<PrintCount>('vigil/prints/count/', choiceQuery(choice));
export const totals = (client: Client, choice: PrintChoice, by: GroupBy) =>
  client.http.get<Totals>('prints/stats/', statQuery(choice, by));
export const stats = (client: Client, choice: PrintChoice, by: GroupBy) =>
  client.http.get<Stats>('vigil/prints/stats/', statQuery(choice, by));

export const cares = (client: Client) => client.http.get<Care[]>('vigil/maintenance/');
export const addCare = (client: Client, care: Pick<Care, 'printer' | 'name' | 'unit' | 'every'>) =>
  client.http.post<Care>('vigil/maintenance/', care);
export const removeCare = (client: Client, id: number) => client.http.remove(`vigil/maintenance/${id}/`);
export const doneCare = (client: Client, id: number) =>
  client.http.post<unknown>(`vigil/maintenance/${id}/done/`);
