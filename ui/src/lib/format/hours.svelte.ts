/** How times of the day are written. */
export type HourChoice = '24' | '12';

const KEPT = 'printvigil.hours';

const kept = (): HourChoice =>
  typeof localStorage !== 'undefined' && localStorage.getItem(KEPT) === '12' ? '12' : '24';

class Hours {
  choice = $state<HourChoice>(kept());

  choose(choice: HourChoice): void {
    this.choice = choice;
    localStorage.setItem(KEPT, choice);
  }
}

/** The choice of this window; what shows a time follows it. */
export const hours = new Hours();
