// Some systems start without a language and report "C", which every Intl call then refuses.
// Imported first: code of others asks for the language while it loads.
function works(tag: string): boolean {
  try {
    new Intl.NumberFormat(tag);
    return true;
  } catch {
    return false;
  }
}

if (typeof navigator !== 'undefined' && !works(navigator.language)) {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
  Object.defineProperty(navigator, 'languages', { value: ['en-US'], configurable: true });
}

/** A language that Intl takes, whatever the system says. */
export const locale: string = typeof navigator === 'undefined' ? 'en-GB' : navigator.language;
