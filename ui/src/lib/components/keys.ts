/** Where a key was pressed decides what it may do. */
export function inTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)
  );
}

export interface Pressed {
  key: string;
  code: string;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** Ctrl+Shift+E, wherever the letter sits, in text fields too. */
export function isStop(e: Pressed): boolean {
  return e.ctrlKey && e.shiftKey && !e.altKey && (e.code === 'KeyE' || e.key.toLowerCase() === 'e');
}

const OFF = 'printvigil.keys_off';

/** Whether letters, figures and signs alone do something. Speech input and a resting hand can press them unmeant. */
export const singleKeys = {
  get on(): boolean {
    return globalThis.localStorage?.getItem(OFF) !== '1';
  },
  set(on: boolean): void {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
  },
};

/** A key of ours that a person may have switched off; arrows, Enter, Escape and Space never are. */
export function isShortcut(e: Pressed, on: boolean = singleKeys.on): boolean {
  return isPlain(e) && (on || e.key.length !== 1 || e.key === ' ');
}

/** A letter that changes what the printer or its watch does: never by that letter alone. */
export function isShifted(e: Pressed, letter: string): boolean {
  return isShortcut(e) && e.shiftKey && e.key.toLowerCase() === letter;
}

/** A key alone, with no modifier but Shift. */
export function isPlain(e: Pressed): boolean {
  return !e.ctrlKey && !e.altKey && !e.metaKey;
}
