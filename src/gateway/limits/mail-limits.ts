import { networkOf, type Origin } from './client-address.ts';
import { digestOf, type KnownLogins, loginDigest } from './known-logins.ts';
import type { LimitCounters } from './limit-counters.ts';
import type { MailLimitSettings } from './limit-settings.ts';
import type { LimitedAccount } from './limited-account.ts';
import { storeLimiter } from './store-limiter.ts';
import { refuseWhen, take } from './take.ts';

const WINDOW_SECONDS = 3_600;

/** Limits on mails that any client may request. Counters are stored in PostgreSQL. */
export interface MailLimits {
  /**
   * Counts one request, before it is known whether the address has an account. Throws RATE_LIMITED.
   */
  request(recipient: LimitedAccount, origin: Origin): Promise<void>;
}

export const noMailLimits: MailLimits = { request: async () => {} };

/**
 * Three limits: of a client address for all mail addresses, of a mail address from one client address, and of a mail address from everywhere. A
 * request that one of them refuses is not counted by the next: a single client cannot use up what the owner of the mail address has elsewhere. Where the
 * account of the mail address has logged in before, only the limit of the two together applies: requests from many addresses do not keep the owner from
 * a new password there.
 */
export function postgresMailLimits(
  counters: LimitCounters,
  knownLogins: Pick<KnownLogins, 'has'>,
  settings: MailLimitSettings,
): MailLimits {
  const byAddress = storeLimiter(counters, 'mailAddress', settings.anAddress, WINDOW_SECONDS);
  const byBoth = storeLimiter(counters, 'mail', settings.aRecipientAndAddress, WINDOW_SECONDS);
  const byRecipient = storeLimiter(counters, 'mailAccount', settings.aRecipient, WINDOW_SECONDS);
  return {
    async request(recipient, { ip }) {
      const network = networkOf(ip);
      const both = loginDigest(recipient, network);
      const isKnown = await knownLogins.has(both);
      const ofAddress = await take(byAddress, network);
      refuseWhen(ofAddress.left < 0 && !isKnown, ofAddress.resetSeconds);
      const ofBoth = await take(byBoth, both);
      refuseWhen(ofBoth.left < 0, ofBoth.resetSeconds);
      if (isKnown) return;
      const ofRecipient = await take(byRecipient, digestOf(recipient));
      refuseWhen(ofRecipient.left < 0, ofRecipient.resetSeconds);
    },
  };
}
