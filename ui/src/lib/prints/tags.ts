/** A print has at most so many, each at most so long. */
export const MOST_TAGS = 20;
const LONGEST = 40;

/** The words of what was typed: between commas, without those that are there already. */
export function withTags(old: readonly string[], typed: string): string[] {
  const all = [...old];
  for (const word of typed.split(',')) {
    const tag = word.replace(/\s+/g, ' ').trim().slice(0, LONGEST).trim();
    if (tag && !all.some((t) => t.toLowerCase() === tag.toLowerCase())) all.push(tag);
  }
  return all.slice(0, MOST_TAGS);
}
