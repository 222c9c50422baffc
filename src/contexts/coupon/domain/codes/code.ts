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

/** Spaces, dashes of every kind, underscores, and characters that are not visible: zero-width ones, soft hyphens, marks of direction. */
const IGNORED = /[\s\p{Dash}_\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/**
 * The normalized form, by which codes are stored and looked up: case, spaces, dashes, underscores and invisible characters
 * are ignored; I and L become 1, O becomes 0. Undefined when the input cannot be a code: it has other characters than letters
 * and digits, or letters of two alphabets that look alike.
 */
export function normalizeCode(input: string): string | undefined {
  if (input.length > INPUT_CHARS_MAX || !input.isWellFormed()) return undefined;
  // Korean keyboards may produce full-width letters and single jamo, word processors turn short dashes into long ones. What is composed
  // may depend on what is removed, so both are done until nothing changes: at most a few times.
  const stripped = input.normalize('NFKC').replace(IGNORED, '').normalize('NFKC').replace(IGNORED, '');
  if (stripped.length > SYMBOLS_MAX || !/^[\p{L}\p{M}\p{Nd}]+$/u.test(stripped) || mixesAlphabets(stripped))
    return undefined;
  const folded = Array.from(stripped, foldCase).join('').normalize('NFKC');
  return folded.replace(/[ILO]/g, (letter) => (letter === 'O' ? '0' : '1'));
}

/** To capitals, as codes are stored. A dotless i is no i. */
const foldCase = (char: string): string => (char === 'ı' ? char : char.toUpperCase());

/** Alphabets with letters that look the same: a code has letters of one of them at most. */
const ALPHABETS = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u];
const mixesAlphabets = (code: string): boolean => ALPHABETS.filter((alphabet) => alphabet.test(code)).length > 1;

export const sharedShape = (code: string): CodeShape => ({
  prefix: Array.from(code).slice(0, SHARED_PREFIX).join(''),
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
