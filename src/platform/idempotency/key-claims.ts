import type pg from 'pg';
import { type CommandKey, isSameRequest } from '../kernel/command-key.ts';
import { placeOf } from './command-results.ts';

/** A key with its request, without what only its effect needs. */
export type ClaimedKey = Pick<CommandKey, 'scope' | 'key' | 'requestHash'>;

const COUNTED = `
  with counted as (
    select scope, key, request_hash, count(*)::int as tries
    from unnest($1::text[], $2::text[], $3::bytea[]) as new(scope, key, request_hash) group by 1, 2, 3)`;

// In one order, so that two statements with common keys do not wait for each other in a circle. A repeat keeps its key for as long as the
// result of its effect may be kept.
const CLAIM = `${COUNTED}
  insert into platform.key_claims as claims (scope, key, request_hash, tries, expires_at)
  select distinct on (scope, key) scope, key, request_hash, tries, now() + interval '24 hours' from counted order by scope, key
  on conflict (scope, key) do update set request_hash = excluded.request_hash, expires_at = excluded.expires_at,
    tries = excluded.tries + case when claims.request_hash = excluded.request_hash then greatest(claims.tries, 0) else 0 end
  where claims.request_hash = excluded.request_hash or claims.tries <= 0 or claims.expires_at <= now()
  returning scope, key, request_hash as "requestHash"`;

const RELEASE = `${COUNTED},
  locked as (
    select claims.scope, claims.key, counted.tries as refused
    from counted join platform.key_claims as claims
      on claims.scope = counted.scope and claims.key = counted.key and claims.request_hash = counted.request_hash
    order by claims.scope, claims.key for no key update of claims)
  update platform.key_claims as claims set tries = claims.tries - locked.refused
  from locked where claims.scope = locked.scope and claims.key = locked.key`;

const valuesOf = (keys: readonly ClaimedKey[]) => [
  keys.map(({ scope }) => scope),
  keys.map(({ key }) => key),
  keys.map(({ requestHash }) => Buffer.from(requestHash)),
];

/**
 * Claims keys for their requests, each time as one more try. Returns for each, in their order, whether it is of its request; false: it belongs to
 * another one.
 */
export async function claimKeys(
  pool: Pick<pg.Pool, 'query'>,
  keys: readonly ClaimedKey[],
): Promise<readonly boolean[]> {
  const { rows } = await pool.query<ClaimedKey>({ name: 'key-claims', text: CLAIM, values: valuesOf(keys) });
  const claimed = new Map(rows.map((row) => [placeOf(row), row]));
  return keys.map((key) => {
    const row = claimed.get(placeOf(key));
    return row !== undefined && isSameRequest(key, row);
  });
}

/** Takes one try of each key back: its request was refused. */
export async function releaseKeys(pool: Pick<pg.Pool, 'query'>, keys: readonly ClaimedKey[]): Promise<void> {
  await pool.query({ name: 'key-claims-release', text: RELEASE, values: valuesOf(keys) });
}
