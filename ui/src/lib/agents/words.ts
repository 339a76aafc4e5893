/** The line to paste into the configuration of the agent beside Klipper. */
export function klipperLine(address: string): string {
  return `url = ${address}`;
}

/** Six digits in two groups, as they are read out. */
export function codeWords(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}
