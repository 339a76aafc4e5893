export interface Checks {
  up: boolean;
  canStart: boolean;
  file: boolean;
  bedClear: boolean;
}

export interface Summary {
  ready: boolean;
  /** One line below the state word. */
  head: string;
  /** Why Start is off. */
  first: string;
}

/** What is still missing before a print may start. */
export function summary(checks: Checks): Summary {
  const missing: string[] = [];
  if (!checks.up) missing.push('Connect the printer first');
  if (!checks.file) missing.push('Choose a file first');
  if (!checks.bedClear) missing.push('Confirm the bed first');
  if (checks.up && !checks.canStart) missing.push('The printer is busy');
  const count = missing.length;
  const head =
    count === 0
      ? 'All checked. Start when you like.'
      : count === 1
        ? 'One thing to check, then print.'
        : `${count} things to check, then print.`;
  return { ready: count === 0, head, first: missing[0] ?? '' };
}
