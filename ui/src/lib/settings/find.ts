/** A card of settings: where it is, what it is called, and all that it says. */
export interface Card {
  section: HTMLElement;
  name: string;
  text: string;
}

/** The cards that say every word of a query, in their order; all of them for an empty one. Case does not matter. */
export function found<C extends Pick<Card, 'name' | 'text'>>(cards: C[], query: string): C[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return cards.filter(({ name, text }) => {
    const all = `${name} ${text}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
