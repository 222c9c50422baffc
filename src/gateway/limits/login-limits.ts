import { networkOf, type Origin } from './client-address.ts';
import { digestOf, type KnownLogins, loginDigest } from './known-logins.ts';
import type { LimitCounters } from './limit-counters.ts';
import type { LimitSettings } from './limit-settings.ts';
import type { LimitedAccount } from './limited-account.ts';
import { storeLimiter } from './store-limiter.ts';
import { refuseWhen, take } from './take.ts';

const WINDOW_SECONDS = 60;

export interface LoginAttempt {
  /** The account has logged in from this address before. */
  readonly isKnown: boolean;
  /** To be called when the password was right. */
  succeeded(): Promise<void>;
}

/** Limits against guessing passwords. Counters are stored in PostgreSQL. */
export interface LoginLimits {
  /** Counts one attempt, before the password is looked at. Throws RATE_LIMITED. */
  attempt(account: LimitedAccount, origin: Origin): Promise<LoginAttempt>;
}

export const noLoginLimits: LoginLimits = { attempt: async () => ({ isKnown: false, succeeded: async () => {} }) };

/**
 * Three limits: of an address for all accounts, of an account from one address, and of an account from everywhere. An attempt that one of
 * them refuses is not counted by the next, so that one address cannot use up what the account has from everywhere. Where the
 * account has logged in before, only the limit of the two together applies: neither its neighbours nor a guess from many addresses keep
 * the owner out there.
 */
export function postgresLoginLimits(
  counters: LimitCounters,
  knownLogins: KnownLogins,
  settings: LimitSettings,
): LoginLimits {
  const byAddress = storeLimiter(counters, 'loginAddress', settings.loginAddress, WINDOW_SECONDS);
  const byBoth = storeLimiter(counters, 'login', settings.login, WINDOW_SECONDS);
  const byAccount = storeLimiter(counters, 'loginAccount', settings.loginAccount, WINDOW_SECONDS);
  return {
    async attempt(limited, { ip }) {
      const network = networkOf(ip);
      const account = digestOf(limited);
      const both = loginDigest(limited, network);
      const isKnown = await knownLogins.has(both);
      const ofAddress = await take(byAddress, network);
      refuseWhen(ofAddress.left < 0 && !isKnown, ofAddress.resetSeconds);
      const ofBoth = await take(byBoth, both);
      refuseWhen(ofBoth.left < 0, ofBoth.resetSeconds);
      if (!isKnown) {
        const ofAccount = await take(byAccount, account);
        refuseWhen(ofAccount.left < 0, ofAccount.resetSeconds);
      }
      return { isKnown, succeeded: () => knownLogins.add(both) };
    },
  };
}
