import { type CodeShape, checkValue, DEFAULT_SYMBOLS, primeFor, RANDOM_BITS_MIN } from './code.ts';

const DEFAULT_PATTERN = '#####-#####-####';
/** The longest options, in characters, and what they consist of. */
export const CODE_PATTERN_MAX = 80;
export const CODE_PATTERN = /^#(?:[-_ ]?#)*$/;
export const CODE_PREFIX_MAX = 20;
export const CODE_PREFIX = /^(?:[0-9A-Za-z](?:[-_ ]?[0-9A-Za-z])*[-_ ]?)?$/;
export const CODE_CHARSET = /^[0-9A-Za-z]{2,62}$/;

/** The options of a request to generate codes. */
export interface CodeOptions {
  readonly prefix?: string | undefined;
  readonly pattern?: string | undefined;
  readonly charset?: string | undefined;
}

/** How codes are generated: their printed form and their normalized form. */
export interface CodePlan {
  /** As printed, with separators. */
  readonly prefix: string;
  readonly pattern: string;
  /** As printed, in the order of `shape.symbols`. */
  readonly symbols: string;
  readonly shape: CodeShape;
}

/** Cryptographically secure random bytes. */
export type RandomBytes = (size: number) => Uint8Array;

export interface GeneratedCode {
  /** Normalized. */
  readonly code: string;
  /** As printed. */
  readonly shown: string;
}

/** Returns the plan, or an error message for each invalid option. */
export function planCodes({
  prefix = '',
  pattern = DEFAULT_PATTERN,
  charset = DEFAULT_SYMBOLS,
}: CodeOptions): { readonly plan: CodePlan } | { readonly invalid: Readonly<Record<string, string>> } {
  const symbols = [...charset].map((shown) => ({ shown, folded: fold(shown) }));
  if (!CODE_CHARSET.test(charset)) return { invalid: { charset: 'must be different letters and digits' } };
  const duplicate = symbols.find(({ folded }, place) => symbols.findIndex((other) => other.folded === folded) < place);
  if (duplicate) {
    return {
      invalid: {
        charset: `has two symbols that are read as ${duplicate.folded}: case does not count, I and L are 1, O is 0`,
      },
    };
  }
  if (!CODE_PREFIX.test(prefix) || prefix.length > CODE_PREFIX_MAX) {
    return {
      invalid: {
        prefix: `must be at most ${CODE_PREFIX_MAX} letters and digits, with single -, _ or spaces between them`,
      },
    };
  }
  if (!CODE_PATTERN.test(pattern) || pattern.length > CODE_PATTERN_MAX) {
    return {
      invalid: {
        pattern: 'must be a # for each symbol, with single -, _ or spaces between them, at most 80 characters',
      },
    };
  }
  const length = pattern.replace(/[^#]/g, '').length;
  const needed = symbolsNeeded(symbols.length);
  if (length < needed) {
    const message = `has ${length} symbols: with ${symbols.length} different ones it takes ${needed}, the last of which checks the others`;
    return { invalid: { pattern: message } };
  }
  symbols.sort((a, b) => (a.folded < b.folded ? -1 : 1));
  const front = fold(prefix.replace(/[-_ ]/g, ''));
  const shape = { prefix: front, symbols: symbols.map(({ folded }) => folded).join(''), length: front.length + length };
  return { plan: { prefix, pattern, symbols: symbols.map(({ shown }) => shown).join(''), shape } };
}

/** Where the check value has no symbol the others are drawn again, which loses less than one bit of randomness. */
function symbolsNeeded(symbolCount: number): number {
  const lostBits = Math.log2(primeFor(symbolCount) / symbolCount);
  return Math.ceil((RANDOM_BITS_MIN + lostBits) / Math.log2(symbolCount)) + 1;
}

/** Returns distinct codes. Whether a code exists already only the table can say. */
export function makeCodes(plan: CodePlan, count: number, random: RandomBytes): readonly GeneratedCode[] {
  const draw = drawValues(plan.symbols.length, random);
  const made = new Map<string, GeneratedCode>();
  while (made.size < count) {
    const code = makeCode(plan, draw);
    made.set(code.code, code);
  }
  return [...made.values()];
}

function makeCode({ prefix, pattern, symbols, shape }: CodePlan, draw: () => number): GeneratedCode {
  const values = drawChecked(shape.length - shape.prefix.length, symbols.length, draw);
  let code = shape.prefix;
  for (const value of values) code += shape.symbols.charAt(value);
  let shown = prefix;
  let next = 0;
  for (const char of pattern) shown += char === '#' ? symbols.charAt(values[next++] ?? 0) : char;
  return { code, shown };
}

/** All value sequences with a valid check symbol are equally likely. */
function drawChecked(length: number, symbolCount: number, draw: () => number): readonly number[] {
  for (;;) {
    const values = Array.from({ length: length - 1 }, draw);
    const check = checkValue(values, symbolCount);
    if (check < symbolCount) return [...values, check];
  }
}

const CHUNK_BYTES = 4_096;

/** Draws each value with equal probability: bytes above the last multiple of `symbolCount` are discarded. */
function drawValues(symbolCount: number, random: RandomBytes): () => number {
  const limit = 256 - (256 % symbolCount);
  let chunk: Uint8Array = new Uint8Array();
  let next = 0;
  return () => {
    for (;;) {
      if (next === chunk.length) {
        chunk = random(CHUNK_BYTES);
        next = 0;
      }
      const byte = chunk[next++] ?? limit;
      if (byte < limit) return byte % symbolCount;
    }
  };
}

/** As `normalizeCode`, for text of letters and digits only. */
const fold = (text: string): string => text.toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
