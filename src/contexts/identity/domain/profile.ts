import { isBlank, isPrintable } from '../../../platform/kernel/text.ts';
import { codePoints } from './text.ts';

export const NAME_MAX = 100;
export const IMAGE_URL_MAX = 2048;
/** Pixels of the longer side of an uploaded image. */
export const IMAGE_SIDE_MAX = 512;

/** Returns the name trimmed and in NFC, 1 to 100 characters. Markup and quotes are allowed; pages must escape them. */
export function normaliseName(text: string): string | undefined {
  if (text.length > 4 * NAME_MAX || !isPrintable(text) || isBlank(text)) return undefined;
  const name = text.trim().normalize('NFC');
  const length = codePoints(name);
  return length >= 1 && length <= NAME_MAX ? name : undefined;
}

/** The name of an account without a stated name that counts: what is before the @, or a dash where that is no name. */
export const nameOfAddress = (email: string): string => normaliseName(email.slice(0, email.lastIndexOf('@'))) ?? '-';

/** Accepts https URLs without credentials: `javascript:` and `data:` could run or hide in a page that shows them. */
export function normaliseImageUrl(text: string): string | undefined {
  if (text.length > IMAGE_URL_MAX) return undefined;
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return url.href.length <= IMAGE_URL_MAX ? url.href : undefined;
}
