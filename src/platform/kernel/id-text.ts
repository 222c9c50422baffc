/** The largest id: PostgreSQL's bigint. */
export const ID_MAX = 2n ** 63n - 1n;
/** An id as decimal text. 19 digits may exceed `ID_MAX`. */
export const ID_PATTERN = /^[1-9][0-9]{0,18}$/;

/** Returns whether the text is the id of something: decimal, from 1 to `ID_MAX`. */
export const isIdText = (text: string): boolean =>
  ID_PATTERN.test(text) && (text.length < 19 || BigInt(text) <= ID_MAX);

/** Returns the id that the text is, or undefined when it is none. */
export const parseId = (text: string): bigint | undefined => (isIdText(text) ? BigInt(text) : undefined);
