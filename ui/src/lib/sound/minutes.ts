/** `22:30` of minutes after midnight, as a time field has it. */
export function minuteWords(minute: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Minutes after midnight of `22:30`; `null` when it is none. */
export function wordsMinute(text: string): number | null {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return Number.isInteger(minute) && minute >= 0 && minute < 1440 ? minute : null;
}
