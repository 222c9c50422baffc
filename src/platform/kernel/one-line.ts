const CHARS_MAX = 500;

/** Makes untrusted text safe to store, show and log: one line, at most 500 characters. */
export const asOneLine = (text: string): string =>
  text
    .slice(0, CHARS_MAX)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ');
