// Printers as the mock shows them, for tests of what a page makes of them.
import type { PrinterView } from '$lib/bindings/PrinterView';
import { printer } from '../../dev/states.mjs';

const KEPT = {
  name: 'Ender 3 V2',
  kind: 'serial',
  action_on_failure: 'PAUSE',
  watching_enabled: true,
  tools_off_on_pause: true,
  bed_off_on_pause: false,
  retract_on_pause: 6.5,
  lift_z_on_pause: 2.5,
  detective_sensitivity: 1,
  bed_hold_mins: 60,
  watch: { rearm_after_not_failed: true, rule: 'printvigil', threshold: 1, first_layer: false },
  trouble: false,
  alarm: null,
  switch_off_now: false,
  muted: false,
};

/** A printer in a state: idle, offline, printing, warned, alert, pausing, paused or unwatched. */
export const shown = (state: string, seq = 1): PrinterView => printer(seq, state, KEPT);
