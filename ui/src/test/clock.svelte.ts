import type { PrinterView } from '$lib/bindings/PrinterView';

/** For tests: a clock that moves when it is told to, and is followed like the app's. */
export class Clock {
  now = $state(0);
}

/** For tests: the printers as the core tells them, followed like the app's. */
export class Told {
  printers = $state.raw<PrinterView[]>([]);
}
