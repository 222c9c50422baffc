/** PostgreSQL stores neither NUL nor a lone surrogate, so such text is refused early. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/**
 * Control characters, line ends of any kind, and characters that change the direction of the text around a name. As ranges, not as Unicode
 * properties, because the OpenAPI document shows the pattern to clients in every language.
 */
const UNPRINTABLE = String.raw`\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069`;
export const PRINTABLE = new RegExp(`^[^${UNPRINTABLE}]*$`);

/** Control characters break logs and CSV, bidirectional ones show another text than is stored, and lone surrogates cannot be stored. */
export const isPrintable = (text: string): boolean => text.isWellFormed() && PRINTABLE.test(text);

/** Spaces, characters that are there to be ignored (zero-width ones, fillers, tags), and the blank of Braille. */
const INVISIBLE = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]/gu;

/** Whether a reader sees nothing of the text. */
export const isBlank = (text: string): boolean => text.replaceAll(INVISIBLE, '') === '';

/** Whether a text is printable and has `min` to `max` UTF-16 units. */
export const isText = (text: string, min: number, max: number): boolean =>
  text.length >= min && text.length <= max && isPrintable(text);

/** What `isText` requires, in words. */
export const textRule = (min: number, max: number): string =>
  `must be ${min === 0 ? 'at most' : `${min} to`} ${max} printable characters`;
