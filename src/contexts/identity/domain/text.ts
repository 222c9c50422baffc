/** PostgreSQL stores neither NUL nor a lone surrogate, so such text is refused early. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** The length in code points. */
export const codePoints = (text: string): number => [...text].length;
