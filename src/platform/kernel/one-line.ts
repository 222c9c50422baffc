const CHARS_MAX = 500;

/** Somebody else's words, so that they can be stored, shown and logged: on one line, at most 500 characters. */
export const asOneLine = (text: string): string =>
  text
    .slice(0, CHARS_MAX)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ');
