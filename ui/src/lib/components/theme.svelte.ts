import { createContext } from 'svelte';

export type ThemeChoice = 'system' | 'light' | 'dark';

const KEPT = 'printvigil.theme';

function kept(): ThemeChoice {
  const value = localStorage.getItem(KEPT);
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** Light or dark: as the system says, or as chosen. */
export class Theme {
  choice = $state<ThemeChoice>('system');
  dark = $state(false);
  readonly #system = window.matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.choice = kept();
    this.#apply();
    this.#system.addEventListener('change', () => this.#apply());
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    localStorage.setItem(KEPT, choice);
    this.#apply();
  }

  #apply(): void {
    this.dark = this.choice === 'dark' || (this.choice === 'system' && this.#system.matches);
    document.documentElement.dataset['theme'] = this.dark ? 'dark' : 'light';
  }
}

export const [useTheme, setTheme] = createContext<Theme>();
