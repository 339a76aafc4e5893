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

/** A key alone, with no modifier but Shift. */
export function isPlain(e: Pressed): boolean {
  return !e.ctrlKey && !e.altKey && !e.metaKey;
}
