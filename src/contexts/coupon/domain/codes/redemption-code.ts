import { DEFAULT_SYMBOLS, normalizeCode } from './code.ts';

/** Symbols that carry the number: 65 bits. One more symbol checks them. */
export const NUMBER_SYMBOLS = 13;
/** As unique codes are shown by default. */
const GROUPS = /^(.{5})(.{5})(.{4})$/;

/**
 * The code of a number below 2^65 in the symbols of unique codes, with its check symbol, in groups: `8KQ2M-0TZ5H-W3RC`.
 */
export function writeRedemptionCode(value: bigint): string {
  const values = Array.from({ length: NUMBER_SYMBOLS }, (_, place) =>
    Number((value >> BigInt(5 * (NUMBER_SYMBOLS - 1 - place))) & 31n),
  );
  values.push(timesAlpha(checksumOf(values)));
  return values
    .map((each) => DEFAULT_SYMBOLS.charAt(each))
    .join('')
    .replace(GROUPS, '$1-$2-$3');
}

/**
 * The number of a code as somebody typed it: case, spaces, dashes and look-alikes do not matter. Undefined when the text is no code:
 * any single wrong symbol and any two that are swapped are noticed.
 */
export function readRedemptionCode(typed: string): bigint | undefined {
  const code = normalizeCode(typed);
  if (code?.length !== NUMBER_SYMBOLS + 1) return undefined;
  const values = [...code].map((symbol) => DEFAULT_SYMBOLS.indexOf(symbol));
  if (values.includes(-1) || checksumOf(values) !== 0) return undefined;
  return values.slice(0, NUMBER_SYMBOLS).reduce((sum, value) => sum * 32n + BigInt(value), 0n);
}

/**
 * The sum of value x alpha^(distance from the end) over GF(32), the field with as many elements as there are symbols; 0 for a whole code.
 * A single wrong symbol changes it, because the powers of alpha are not 0. Two swapped symbols change it, because the first 31 powers of
 * alpha all differ.
 */
const checksumOf = (values: readonly number[]): number => values.reduce((sum, value) => timesAlpha(sum) ^ value, 0);

/** Multiplies by alpha, a root of x^5 + x^2 + 1, whose powers are all elements but 0. */
const timesAlpha = (value: number): number => (value < 16 ? value << 1 : (value << 1) ^ 0b100101);
