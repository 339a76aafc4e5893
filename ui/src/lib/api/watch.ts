import type { Decision } from '$lib/bindings/Decision';
import type { Fitted } from '$lib/bindings/Fitted';
import type { FrameAnswer } from '$lib/bindings/FrameAnswer';
import type { FrameFeedback } from '$lib/bindings/FrameFeedback';
import type { IgnoreArea } from '$lib/bindings/IgnoreArea';
import type { WatchCoverage } from '$lib/bindings/WatchCoverage';
import type { WatchGap } from '$lib/bindings/WatchGap';
import type { WhatIf } from '$lib/bindings/WhatIf';
import type { WhatIfAsk } from '$lib/bindings/WhatIfAsk';
import type { Client } from './client';

/** How a past print was watched. */
export interface PrintWatch {
  coverage: WatchCoverage | null;
  gaps: WatchGap[];
  decisions: Decision[];
  feedback: FrameFeedback[];
}

/** What the rule saw of a past print, look by look: seconds since its start, p, what counted, gauge. */
export interface WatchCurve {
  t: number[];
  p: number[];
  counted: number[];
  gauge: number[];
}

export const setIgnored = (client: Client, camera: number, areas: readonly IgnoreArea[]) =>
  client.http.post<{ areas: IgnoreArea[] }>(`vigil/cameras/${camera}/ignore/`, { areas });
export const startDrill = (client: Client, printer: number) =>
  client.http.post<unknown>(`vigil/printers/${printer}/drill/`);
export const askWhatIf = (client: Client, ask: WhatIfAsk) => client.http.post<WhatIf>('vigil/what_if/', ask);
export const whatIf = (client: Client, id: number) => client.http.get<WhatIf>(`vigil/what_if/${id}/`);
export const dropWhatIf = (client: Client, id: number) => client.http.remove(`vigil/what_if/${id}/`);
export const fit = (client: Client, printer: number) =>
  client.http.get<Fitted>(`vigil/printers/${printer}/fit/`);
export const printWatch = (client: Client, print: number) =>
  client.http.get<PrintWatch>(`vigil/prints/${print}/watch/`);
export const watchCurve = (client: Client, print: number) =>
  client.http.get<WatchCurve>(`vigil/prints/${print}/curve/`);
export const answerFrame = (client: Client, print: number, frame: number, answer: FrameAnswer) =>
  client.http.post<FrameFeedback>(`vigil/prints/${print}/frames/${frame}/answer/`, { answer });
