/** RFC 5321: a path is 256 octets, angle brackets included. */
export const EMAIL_MAX = 254;
/** Of the addresses that deleted accounts get. */
export const DELETED_DOMAIN = 'deleted.invalid';
const LOCAL_MAX = 64;
const LABEL_MAX = 63;

// No control, format, private or unassigned characters (\p{C}: also CR, LF and the zero-width ones), no separators, and
// nothing that needs quoting in a mail header.
const LOCAL = /^[^\p{C}\p{Z}"(),:;<>@[\\\]]+$/u;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?$/u;

/**
 * Returns the form in which an e-mail address is stored and looked up: NFKC (so that composed and decomposed Hangul, or full-width
 * letters, are one address) in lower case. Returns undefined when it is not an address, or one of a deleted account.
 */
export function normaliseEmail(text: string): string | undefined {
  if (text.length > EMAIL_MAX) return undefined;
  // Lower-casing can leave a decomposed pair behind, so it is composed once more.
  const email = text.trim().normalize('NFKC').toLowerCase().normalize('NFKC');
  const at = email.lastIndexOf('@');
  const local = email.slice(0, Math.max(at, 0));
  const domain = email.slice(at + 1);
  const labels = domain.split('.');
  const isAddress =
    email.length <= EMAIL_MAX &&
    local.length <= LOCAL_MAX &&
    LOCAL.test(local) &&
    !local.startsWith('.') &&
    !local.endsWith('.') &&
    !local.includes('..') &&
    domain !== DELETED_DOMAIN &&
    labels.length >= 2 &&
    labels.every((label) => label.length <= LABEL_MAX && LABEL.test(label));
  return isAddress ? email : undefined;
}
