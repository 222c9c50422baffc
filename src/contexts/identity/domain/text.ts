/** PostgreSQL holds neither NUL nor half a surrogate pair: refuse them here rather than fail there. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Length as people count it: one per code point. */
export const codePoints = (text: string): number => [...text].length;
