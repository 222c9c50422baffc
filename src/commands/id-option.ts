import { InvalidArgumentError } from 'commander';

const ID_MAX = 2n ** 63n - 1n;

/** Reads an id from the command line. Ids have 63 bits: they stay text. */
export function idOption(text: string): string {
  if (/^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= ID_MAX) return text;
  throw new InvalidArgumentError('It must be an id, a decimal number.');
}
