import type { Client } from './client';
import type { EvidenceClip } from '$lib/bindings/EvidenceClip';

export type { EvidenceClip };

export const evidence = (client: Client, print: number) =>
  client.http.get<EvidenceClip[]>(`vigil/prints/${print}/evidence/`);
