import { normaliseEmail } from '../../contexts/identity/api.ts';

/**
 * What attempts are counted for: an account by its e-mail address, or a user. Only the functions below make one, so that no text of a client is the
 * account of a limit that it does not name.
 */
export type LimitedAccount = string & { readonly __brand: 'LimitedAccount' };

/**
 * Returns one account for an address, however it is spelt. Text that is no address has one, too, beside those of all addresses and users: a log-in with it
 * gets the same responses.
 */
export const accountOfEmail = (text: string): LimitedAccount =>
  (normaliseEmail(text) ?? `text ${text}`) as LimitedAccount;

/** No address contains a space. */
export const accountOfUser = (userId: bigint): LimitedAccount => `user ${userId}` as LimitedAccount;
