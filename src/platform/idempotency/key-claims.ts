import type pg from 'pg';
import { type CommandKey, isSameRequest } from '../kernel/command-key.ts';
import { placeOf } from './command-results.ts';

/** A key with its request, without what only its effect needs. */
export type ClaimedKey = Pick<CommandKey, 'scope' | 'key' | 'requestHash'>;

// In one order, so that two statements with common keys do not wait for each other in a circle. A repeat keeps its key for as long as the
// result of its effect may be kept.
const CLAIM = `
  insert into platform.key_claims as claims (scope, key, request_hash, expires_at)
  select distinct on (scope, key) scope, key, request_hash, now() + interval '24 hours'
  from unnest($1::text[], $2::text[], $3::bytea[]) as new(scope, key, request_hash) order by scope, key
  on conflict (scope, key) do update set request_hash = excluded.request_hash, expires_at = excluded.expires_at
  where claims.request_hash = excluded.request_hash or claims.expires_at <= now()
  returning scope, key, request_hash as "requestHash"`;

/** Claims keys for their requests. Returns for each, in their order, whether it is of its request; false: it belongs to another one. */
export async function claimKeys(
  pool: Pick<pg.Pool, 'query'>,
  keys: readonly ClaimedKey[],
): Promise<readonly boolean[]> {
  const { rows } = await pool.query<ClaimedKey>({
    name: 'key-claims',
    text: CLAIM,
    values: [
      keys.map(({ scope }) => scope),
      keys.map(({ key }) => key),
      keys.map(({ requestHash }) => Buffer.from(requestHash)),
    ],
  });
  const claimed = new Map(rows.map((row) => [placeOf(row), row]));
  return keys.map((key) => {
    const row = claimed.get(placeOf(key));
    return row !== undefined && isSameRequest(key, row);
  });
}
