/** `0.42 €` */
export function money(amount: number, currency: string): string {
  const number =
    amount >= 1000 ? amount.toFixed(0) : amount > 0 && amount < 0.01 ? 'under 0.01' : amount.toFixed(2);
  return `${number} ${currency}`.trim();
}
