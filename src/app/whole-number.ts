import { z } from 'zod';

/** A variable that is a whole number from `min` to `max`. `must` begins the message of another one. */
export function wholeNumber(min: number, max: number, must = 'must be') {
  const range = `${must} a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, range)
    .transform(Number)
    .refine((value) => value >= min && value <= max, range);
}
