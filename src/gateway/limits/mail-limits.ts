import { createHash } from 'node:crypto';
import { networkOf, type Origin } from './client-address.ts';
import type { LimitCounters } from './limit-counters.ts';
import type { MailLimitSettings } from './limit-settings.ts';
import { storeLimiter } from './store-limiter.ts';
import { refuseWhen, take } from './take.ts';

const WINDOW_SECONDS = 3_600;

/** Limits on mails that anybody may ask for. Counters are stored in PostgreSQL. */
export interface MailLimits {
  /**
   * Counts one request, before it is known whether the address has an account. Throws RATE_LIMITED.
   *
   * @param email one spelling for each address
   */
  request(email: string, origin: Origin): Promise<void>;
}

export const noMailLimits: MailLimits = { request: async () => {} };

/**
 * Three limits: of a client address for all mail addresses, of a mail address from one client address, and of a mail address from everywhere. A
 * request that one of them refuses is not counted by the next: a single client cannot use up what the owner of the mail address has elsewhere.
 */
export function postgresMailLimits(counters: LimitCounters, settings: MailLimitSettings): MailLimits {
  const byAddress = storeLimiter(counters, 'mailAddress', settings.anAddress, WINDOW_SECONDS);
  const byBoth = storeLimiter(counters, 'mail', settings.aRecipientAndAddress, WINDOW_SECONDS);
  const byRecipient = storeLimiter(counters, 'mailAccount', settings.aRecipient, WINDOW_SECONDS);
  return {
    async request(email, { ip }) {
      const network = networkOf(ip);
      const recipient = digestOf(email);
      for (const [limiter, key] of [
        [byAddress, network],
        [byBoth, digestOf(`${recipient} ${network}`)],
        [byRecipient, recipient],
      ] as const) {
        const { left, resetSeconds } = await take(limiter, key);
        refuseWhen(left < 0, resetSeconds);
      }
    },
  };
}

/** Neither mail addresses nor client addresses are stored. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
