import { createHash } from 'node:crypto';
import type pg from 'pg';
import { withTimeout } from '../../platform/kernel/timeout.ts';
import { STORE_TIMEOUT_MS } from './limit-counters.ts';
import type { LimitedAccount } from './limited-account.ts';

/** The addresses from which an account has logged in during the last 90 days. */
export interface KnownLogins {
  /** @param digest a result of `loginDigest`. Returns false, too, while PostgreSQL is not available. */
  has(digest: string): Promise<boolean>;
  /** Not noted while PostgreSQL is not available: the login succeeds all the same. */
  add(digest: string): Promise<void>;
}

/** Neither e-mail addresses nor IP addresses are stored. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** @param network a result of `networkOf` */
export const loginDigest = (account: LimitedAccount, network: string): string =>
  digestOf(`${digestOf(account)} ${network}`);

const HAS = 'select 1 from platform.known_logins where digest = $1 and expires_at > now()';
// Renewed after half of the time: one write in weeks, not one for each login.
const ADD = `
  insert into platform.known_logins as known (digest, expires_at) values ($1, now() + interval '90 days')
  on conflict (digest) do update set expires_at = excluded.expires_at
  where known.expires_at < now() + interval '45 days'`;

export function postgresKnownLogins(pool: Pick<pg.Pool, 'query'>): KnownLogins {
  const run = async (name: string, text: string, digest: string): Promise<number> => {
    const late = (): Error => new Error('the store of known logins timed out');
    const { rowCount } = await withTimeout(pool.query({ name, text, values: [digest] }), STORE_TIMEOUT_MS, late);
    return rowCount ?? 0;
  };
  return {
    has: (digest) =>
      run('known-logins-has', HAS, digest).then(
        (rows) => rows > 0,
        () => false,
      ),
    add: (digest) =>
      run('known-logins-add', ADD, digest).then(
        () => {},
        () => {},
      ),
  };
}
