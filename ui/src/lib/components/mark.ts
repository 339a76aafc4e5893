/** What a mark says, always with a shape beside the colour. The same four everywhere. */
export type MarkState = 'ok' | 'attention' | 'danger' | 'unknown';
