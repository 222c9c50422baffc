/** Makes untrusted text safe for a terminal: one line, no control characters. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

/** The same, cut after `max` characters. */
export function shortened(text: string, max: number): string {
  const line = printable(text);
  return line.length > max ? `${line.slice(0, max)}…` : line;
}
