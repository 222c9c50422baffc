import { InvalidArgumentError } from 'commander';
import { isIdText } from '../platform/kernel/id-text.ts';

/** Reads an id from the command line. Ids have 63 bits: they stay text. */
export function idOption(text: string): string {
  if (isIdText(text)) return text;
  throw new InvalidArgumentError('It must be an id, a decimal number.');
}
