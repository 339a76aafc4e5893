import type { PrinterView } from '$lib/bindings/PrinterView';
import type { System } from '$lib/bindings/System';

/** What makes a printer be watched again, or leads to it. */
export interface Fix {
  /** On the button. */
  text: string;
  /** Switched on at once, taken back at once, or a place in the settings. */
  does: 'switch_on' | 'unmute' | 'settings';
}

/** Why this printer is not watched, as a way out of it; `null` where nothing is to be done, or only by hand. */
export function fixOf(printer: PrinterView, system: System | null): Fix | null {
  const { vigil } = printer;
  // In the order in which the core says why.
  if (vigil.watch.watching) return null;
  if (!printer.watching_enabled) return { text: 'Switch failure detection on', does: 'switch_on' };
  if (vigil.detection_hours !== null && vigil.detection_hours <= 0)
    return { text: 'Set detection hours', does: 'settings' };
  if (printer.current_print === null || vigil.state === 'paused') return null;
  if (printer.current_print.alert_muted_at) return { text: 'Watch this print again', does: 'unmute' };
  if (!vigil.camera) return { text: 'Choose a camera', does: 'settings' };
  if (!vigil.camera.live) return { text: 'Look at the camera’s settings', does: 'settings' };
  if (system && !system.detector.ok) return { text: 'See Settings, Detection', does: 'settings' };
  if (vigil.watch.camera_trouble) return { text: 'Look at the camera’s settings', does: 'settings' };
  return null;
}
