import { InvalidArgumentError } from 'commander';

/** Reads a whole number from 1 to `max` from the command line. */
export const wholeNumber =
  (max: number) =>
  (text: string): number => {
    if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= max) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
