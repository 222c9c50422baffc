import { isStorable } from '../../../platform/kernel/text.ts';
import { codePoints } from './text.ts';

export const PASSWORD_MIN = 10;
/** Hashing costs the same for any length; the bound keeps bodies small. */
export const PASSWORD_MAX = 128;

/** In place of a hash: no password is right. The account is deleted, or whose password counts is not known. */
export const NO_PASSWORD = '';

/**
 * Returns the form that is hashed: NFC, because keyboards compose Hangul and accents differently. Returns undefined when it is too short,
 * too long or not valid text.
 */
export function normalisePassword(text: string): string | undefined {
  if (text.length > 2 * PASSWORD_MAX || !isStorable(text)) return undefined;
  const password = text.normalize('NFC');
  const length = codePoints(password);
  return length >= PASSWORD_MIN && length <= PASSWORD_MAX ? password : undefined;
}
