import type { Client } from './client';

/** A clip of the minute around an alert. */
export interface EvidenceClip {
  frame: number;
  url: string;
  seconds: number;
  num_bytes: number;
  created_at: string | null;
}

export const evidence = (client: Client, print: number) =>
  client.http.get<EvidenceClip[]>(`vigil/prints/${print}/evidence/`);
