import type { Client } from './client';
import type { ReportEntry } from '$lib/bindings/ReportEntry';

export type { ReportEntry };

/** Where the report is, below the API's root. */
export const REPORT = 'vigil/report.zip';

/** What would be in the report now. */
export const report = (client: Client, pictures: boolean) =>
  client.http.get<ReportEntry[]>('vigil/report/', { pictures });
