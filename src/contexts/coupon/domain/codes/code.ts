/** Digits and capital letters without I, L, O and U: no symbol looks like another, and accidental words are rare. */
export const DEFAULT_SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** At a thousand guesses a second, finding the first of a million codes takes 500 years on average. */
export const RANDOM_BITS_MIN = 64;
const SYMBOLS_MAX = 100;
const INPUT_CHARS_MAX = 200;
/** Symbols of an imported code: a shorter one is guessed, and is more likely a row number than a code. */
const IMPORTED_SYMBOLS_MIN = 6;

/** The shape of a shared code contains its first symbols, so that few typos fit it. */
const SHARED_PREFIX = 3;

/**
 * What a set of normalized codes has in common. A shape is stored before its first code, so a code that fits no shape
 * is refused without a query.
 */
export interface CodeShape {
  readonly prefix: string;
  /**
   * The alphabet after the prefix, ascending; the last symbol of a code is its check symbol. Empty: any symbols, no
   * check symbol.
   */
  readonly symbols: string;
  /** Length of the whole code, including the prefix. */
  readonly length: number;
}

/**
 * The normalized form, by which codes are stored and looked up: case, spaces, dashes and underscores are ignored; I and
 * L become 1, O becomes 0. Undefined when the input cannot be a code.
 */
export function normalizeCode(input: string): string | undefined {
  if (input.length > INPUT_CHARS_MAX) return undefined;
  // Korean keyboards may produce full-width letters, word processors turn short dashes into long ones.
  const stripped = input.normalize('NFKC').replace(/[\s\p{Pd}_]/gu, '');
  // Checked before toUpperCase, which turns some other characters into ASCII letters (a dotless i).
  if (stripped.length > SYMBOLS_MAX || !/^[0-9A-Za-z]+$/.test(stripped)) return undefined;
  return stripped.toUpperCase().replace(/[ILO]/g, (letter) => (letter === 'O' ? '0' : '1'));
}

export const sharedShape = (code: string): CodeShape => ({
  prefix: code.slice(0, SHARED_PREFIX),
  symbols: '',
  length: code.length,
});

/** As `normalizeCode`, for a code of another system. Undefined also when it is too short. */
export function normalizeImported(input: string): string | undefined {
  const code = normalizeCode(input);
  return code !== undefined && [...code].length >= IMPORTED_SYMBOLS_MIN ? code : undefined;
}

/** The shape of an imported code: any code of the same length. */
export const importedShape = (code: string): CodeShape => ({ prefix: '', symbols: '', length: code.length });

/**
 * Returns true when the code may have this shape. With a check symbol, any single wrong symbol and any swap of
 * neighbours returns false.
 */
export function fitsShape({ prefix, symbols, length }: CodeShape, code: string): boolean {
  if (code.length !== length || !code.startsWith(prefix)) return false;
  return symbols === '' || isChecked(code, prefix.length, symbols);
}

/**
 * The sum of value x 2^(distance from the end) must be 0 modulo a prime that is not below the number of symbols. A
 * single wrong symbol changes the sum, because neither the difference nor a power of two is 0 modulo the prime. A swap
 * of neighbours changes it too, because their weights differ by a factor of two.
 */
function isChecked(code: string, from: number, symbols: string): boolean {
  const prime = primeFor(symbols.length);
  let sum = 0;
  for (let place = from; place < code.length; place++) {
    const value = symbols.indexOf(code.charAt(place));
    if (value < 0) return false;
    sum = (sum * 2 + value) % prime;
  }
  return sum === 0;
}

/** The value that completes the checksum to 0. It may exceed the alphabet; then other symbols have to be drawn. */
export function checkValue(values: readonly number[], symbolCount: number): number {
  const prime = primeFor(symbolCount);
  const sum = values.reduce((before, value) => (before * 2 + value) % prime, 0);
  return (prime - ((sum * 2) % prime)) % prime;
}

/** Odd, because 2 must not be 0 modulo the prime. There are at most 33 symbols. */
const PRIMES = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

export function primeFor(symbolCount: number): number {
  const prime = PRIMES.find((candidate) => candidate >= symbolCount);
  if (prime === undefined) throw new Error(`there are no ${symbolCount} different symbols`);
  return prime;
}
