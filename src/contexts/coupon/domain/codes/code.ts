/** Digits and capital letters without I, L, O and U: nothing that looks like something else, and few words by accident. */
export const DEFAULT_SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Who tries a thousand codes a second finds the first of a million in 500 years on average. */
export const RANDOM_BITS_MIN = 64;
const SYMBOLS_MAX = 100;
const TYPED_CHARS_MAX = 200;

/** The shared code of a policy stands with its first symbols among the shapes, so that few typos look like it. */
const SHARED_PREFIX = 3;

/**
 * What all codes of a kind have in common, in the form that codes are looked up by. Every code that exists fits a shape that
 * was stored before it, so what fits none is refused without a query.
 */
export interface CodeShape {
  readonly prefix: string;
  /** What the symbols behind the prefix are drawn from, ascending; the last of them checks. Empty: anything, and no check. */
  readonly symbols: string;
  /** Of the whole code, the prefix included. */
  readonly length: number;
}

/**
 * The form that a code is looked up by: case, spaces, dashes and underscores do not matter, I and L are 1, O is 0. Undefined:
 * no code at all.
 */
export function normalizeCode(typed: string): string | undefined {
  if (typed.length > TYPED_CHARS_MAX) return undefined;
  // Full-width letters are what a Korean keyboard may give, long dashes what a word processor makes of short ones.
  const bare = typed.normalize('NFKC').replace(/[\s\p{Pd}_]/gu, '');
  // Before the case is changed: that makes letters of what is none (a dotless i).
  if (bare.length > SYMBOLS_MAX || !/^[0-9A-Za-z]+$/.test(bare)) return undefined;
  return bare.toUpperCase().replace(/[ILO]/g, (letter) => (letter === 'O' ? '0' : '1'));
}

export const sharedShape = (code: string): CodeShape => ({
  prefix: code.slice(0, SHARED_PREFIX),
  symbols: '',
  length: code.length,
});

/** The shape of a code that somebody else made: any code as long as it. */
export const importedShape = (code: string): CodeShape => ({ prefix: '', symbols: '', length: code.length });

/** Could this code be one of that shape? Without our check symbol every wrong symbol and every swap of neighbours says no. */
export function fitsShape({ prefix, symbols, length }: CodeShape, code: string): boolean {
  if (code.length !== length || !code.startsWith(prefix)) return false;
  return symbols === '' || isChecked(code, prefix.length, symbols);
}

/**
 * The sum of (value x 2^distance from the end) is 0 modulo a prime that is at least as large as the number of symbols. A wrong
 * symbol changes the sum, because neither its difference nor a power of two is 0 there; so does a swap of neighbours, whose
 * weights differ by a power of two.
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

/** The value that makes the sum of the ones before it 0. It may be no symbol's: then other symbols have to be drawn. */
export function checkValue(values: readonly number[], symbolCount: number): number {
  const prime = primeFor(symbolCount);
  const sum = values.reduce((before, value) => (before * 2 + value) % prime, 0);
  return (prime - ((sum * 2) % prime)) % prime;
}

/** Odd, because 2 has to count. There are at most 33 symbols. */
const PRIMES = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

export function primeFor(symbolCount: number): number {
  const prime = PRIMES.find((candidate) => candidate >= symbolCount);
  if (prime === undefined) throw new Error(`there are no ${symbolCount} different symbols`);
  return prime;
}
