/** PostgreSQL stores neither NUL nor a lone surrogate, so such text is refused early. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Control characters break logs and CSV, and lone surrogates cannot be stored. */
export const isPrintable = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);

/** Whether a text is printable and has `min` to `max` UTF-16 units. */
export const isText = (text: string, min: number, max: number): boolean =>
  text.length >= min && text.length <= max && isPrintable(text);

/** What `isText` requires, in words. */
export const textRule = (min: number, max: number): string =>
  `must be ${min === 0 ? 'at most' : `${min} to`} ${max} printable characters`;
