const MEANINGS: readonly [RegExp, string][] = [
  [/^about/, 'Versions of app and system'],
  [/^doctor/, 'What the app needs, and whether it is there'],
  [/^printers/, 'Printers: settings and state'],
  [/^app/, 'The app: state of detector and history'],
  [/^notices/, 'The last notices'],
  [/^dialogue/, 'The last lines between app and printer'],
  [/^core/, 'Log'],
  [/\.jpg$/, 'Picture of a camera'],
];

/** What a file of the report is, in words. */
export const meaning = (name: string): string => MEANINGS.find(([form]) => form.test(name))?.[1] ?? '';
