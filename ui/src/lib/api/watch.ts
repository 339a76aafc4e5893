import type { Fitted } from '$lib/bindings/Fitted';
import type { FrameAnswer } from '$lib/bindings/FrameAnswer';
import type { FrameFeedback } from '$lib/bindings/FrameFeedback';
import type { IgnoreArea } from '$lib/bindings/IgnoreArea';
import type { WhatIf } from '$lib/bindings/WhatIf';
import type { WhatIfAsk } from '$lib/bindings/WhatIfAsk';
import type { Client } from './client';
import type { PrintWatch } from '$lib/bindings/PrintWatch';
import type { WatchCurve } from '$lib/bindings/WatchCurve';

export type { PrintWatch, WatchCurve };

export const setIgnored = (client: Client, camera: number, areas: readonly IgnoreArea[]) =>
  client.http.post<{ areas: IgnoreArea[] }>(`vigil/cameras/${camera}/ignore/`, { areas });
export const forgetLearnt = (client: Client, camera: number) =>
  client.http.remove(`vigil/cameras/${camera}/learnt/`);
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
