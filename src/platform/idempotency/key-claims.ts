import type pg from 'pg';
import { type CommandKey, isSameRequest } from '../kernel/command-key.ts';
import { placeOf } from './command-results.ts';

/** A key with its request, without what only its effect needs. */
export type ClaimedKey = Pick<CommandKey, 'scope' | 'key' | 'requestHash'>;

const COUNTED = `
  with counted as (
    select scope, key, request_hash, count(*)::int as tries
    from unnest($1::text[], $2::text[], $3::bytea[]) as new(scope, key, request_hash) group by 1, 2, 3)`;

// Of several requests with a key the one that has it is tried: each statement may have one row of a key. In one order, so that two statements with common keys do not wait for each other in a circle. A repeat keeps its key for as long as the
// result of its effect may be kept.
const CLAIM = `${COUNTED}
  insert into platform.key_claims as claims (scope, key, request_hash, tries, expires_at)
  select distinct on (scope, key) scope, key, request_hash, tries, now() + interval '24 hours' from counted
  order by scope, key, exists (
    select from platform.key_claims as own
    where own.scope = counted.scope and own.key = counted.key and own.request_hash = counted.request_hash) desc
  on conflict (scope, key) do update set request_hash = excluded.request_hash, expires_at = excluded.expires_at,
    tries = excluded.tries + case when claims.request_hash = excluded.request_hash then greatest(claims.tries, 0) else 0 end
  where claims.request_hash = excluded.request_hash or claims.tries <= 0 or claims.expires_at <= now()
  returning scope, key, request_hash as "requestHash", tries`;

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

/** For each key, in their order. */
interface Claims {
  /** Is it of its request? False: it belongs to another one. */
  readonly claimed: boolean[];
  /** May its request have had its effect, because an earlier try was not refused? */
  readonly triedBefore: boolean[];
}

/** Claims keys for their requests, each time as one more try. */
export async function claimKeys(pool: Pick<pg.Pool, 'query'>, keys: readonly ClaimedKey[]): Promise<Claims> {
  const claimed = await claim(pool, keys);
  // The statement waited for a claim that it could not see when it chose among the requests with a key: it may have tried another one than that which has it.
  const unseen = contested(keys).filter((key) => !claimed.has(placeOf(key)));
  if (unseen.length > 0) for (const [place, row] of await claim(pool, unseen)) claimed.set(place, row);
  const rows = keys.map((key) => {
    const row = claimed.get(placeOf(key));
    return row !== undefined && isSameRequest(key, row) ? row : undefined;
  });
  const tries = new Map<Claim, number>();
  for (const row of rows) if (row !== undefined) tries.set(row, (tries.get(row) ?? 0) + 1);
  return {
    claimed: rows.map((row) => row !== undefined),
    triedBefore: rows.map((row) => row !== undefined && row.tries > (tries.get(row) ?? 0)),
  };
}

interface Claim extends ClaimedKey {
  /** Those that were not refused, with this one. */
  readonly tries: number;
}

/** Returns the claimed keys by their places. */
async function claim(pool: Pick<pg.Pool, 'query'>, keys: readonly ClaimedKey[]): Promise<Map<string, Claim>> {
  const { rows } = await pool.query<Claim>({ name: 'key-claims', text: CLAIM, values: valuesOf(keys) });
  return new Map(rows.map((row) => [placeOf(row), row]));
}

/** The keys that different requests have. */
function contested(keys: readonly ClaimedKey[]): readonly ClaimedKey[] {
  const first = new Map<string, ClaimedKey>();
  const places = new Set<string>();
  for (const key of keys) {
    const place = placeOf(key);
    const before = first.get(place);
    if (before === undefined) first.set(place, key);
    else if (!isSameRequest(before, key)) places.add(place);
  }
  return keys.filter((key) => places.has(placeOf(key)));
}

/** Takes one try of each key back: its request was refused. */
export async function releaseKeys(pool: Pick<pg.Pool, 'query'>, keys: readonly ClaimedKey[]): Promise<void> {
  await pool.query({ name: 'key-claims-release', text: RELEASE, values: valuesOf(keys) });
}
