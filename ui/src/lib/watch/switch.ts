import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';

/** Switches the detection by a key: said, with a way back, since nobody need be looking at the switch. */
export async function setDetection(app: App, printer: PrinterView, on: boolean): Promise<void> {
  const set = (yes: boolean) => app.ask(app.client.patchPrinter(printer.id, { watching_enabled: yes }));
  if (!(await set(on))) return;
  app.toasts.undo(
    on
      ? `Failure detection is on for ${printer.name}.`
      : `Failure detection is off for ${printer.name}: nobody watches.`,
    () => void set(!on),
  );
}
