import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';

/** Adds a demo printer with a camera of its own. The core numbers the name when there is one already. */
export async function addDemo(app: App): Promise<PrinterView | null> {
  const added = await app.attempt(app.client.addPrinter({ name: 'Demo printer', kind: 'demo' }));
  if (added) app.show(added);
  return added;
}
