// The focus is never lost: where the thing that had it goes away, what stood around it gets it.

const STOPS =
  'button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, a[href], video[controls], [tabindex="0"]';

/** What Tab goes to within a part of the page, in order. */
function stops(node: HTMLElement): HTMLElement[] {
  return [...node.querySelectorAll<HTMLElement>(STOPS)].filter((at) => at.getClientRects().length > 0);
}

const lost = (): boolean => document.activeElement === null || document.activeElement === document.body;

/** Gives the focus to something that is no button: the next Tab goes into it. */
function settle(node: HTMLElement): void {
  if (!node.hasAttribute('tabindex')) node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

/**
 * Holds the focus in a dialog while it is there, and gives it back afterwards. The one trap of the app.
 * `first` is what has the focus at the beginning; else the dialog itself.
 */
export function trap(first?: () => HTMLElement | undefined): (node: HTMLElement) => () => void {
  return (node) => {
    const before = document.activeElement;
    const start = first?.();
    if (start) start.focus();
    else settle(node);

    function onkeydown(e: KeyboardEvent): void {
      if (e.key !== 'Tab') return;
      const all = stops(node);
      const at = document.activeElement;
      if (all.length === 0) e.preventDefault();
      else if (e.shiftKey && (at === all[0] || at === node)) {
        e.preventDefault();
        all.at(-1)?.focus();
      } else if (!e.shiftKey && at === all.at(-1)) {
        e.preventDefault();
        all[0]?.focus();
      }
    }
    const watch = watched(node, () => {
      if (lost()) settle(node);
    });
    node.addEventListener('keydown', onkeydown);
    return () => {
      watch();
      node.removeEventListener('keydown', onkeydown);
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  };
}

/** For the whole page: a button that goes, or is off, leaves its focus to the part that it stood in. */
export function keepFocus(root: HTMLElement): () => void {
  let path: HTMLElement[] = [];
  function onfocusin(e: FocusEvent): void {
    path = [];
    for (let at = e.target; at instanceof HTMLElement && at !== document.body; at = at.parentElement)
      path.push(at);
  }
  const watch = watched(root, () => {
    const [had, ...around] = path;
    if (!had || !lost()) return;
    // A click beside everything takes the focus off too: that is meant.
    if (had.isConnected && !had.matches(':disabled') && had.getClientRects().length > 0) return;
    const home = around.find((at) => at.isConnected && at.getClientRects().length > 0) ?? root;
    path = [];
    settle(
      home.matches('section, li, main, [role]') ? home : (home.querySelector<HTMLElement>('section') ?? home),
    );
  });
  document.addEventListener('focusin', onfocusin);
  return () => {
    watch();
    document.removeEventListener('focusin', onfocusin);
  };
}

/** Calls back once per frame in which something within changed. */
function watched(node: HTMLElement, changed: () => void): () => void {
  let asked = 0;
  const observer = new MutationObserver(() => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(changed);
  });
  observer.observe(node, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  return () => {
    observer.disconnect();
    cancelAnimationFrame(asked);
  };
}
