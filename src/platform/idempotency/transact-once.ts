import type pg from 'pg';
import { type Idempotency, KeyInUse, type Replay } from '../kernel/command-key.ts';
import type { Statement } from '../postgres/statement.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { deleteExpired, lookUp, newResult, placeOf, storeResults } from './command-results.ts';

// Held until the transaction ends, also one whose COMMIT had no response. No request waits for it, because a waiting request would keep
// a connection from all others.
const LOCK_KEY = `select pg_try_advisory_xact_lock(hashtextextended('command:' || $1, 0)) as "isMine"`;

/**
 * Runs `work` as `inTransaction` does, at most once a key: its result is stored in the same transaction, and a later command
 * with the key gets that result as a Replay. Without `idempotency` it is `inTransaction`. Throws KeyInUse while another transaction with
 * the key has not ended.
 */
export async function transactOnce<Outcome>(
  pool: pg.Pool,
  idempotency: Idempotency<Outcome> | undefined,
  work: (client: pg.PoolClient) => Promise<Outcome>,
): Promise<Outcome | Replay> {
  if (idempotency === undefined) return await inTransaction(pool, work);
  const { commandKey } = idempotency;
  return await inTransaction<Outcome | Replay>(pool, async (client) => {
    const { rows } = await client.query<{ isMine: boolean }>(LOCK_KEY, [placeOf(commandKey)]);
    if (!rows[0]?.isMine) throw new KeyInUse('another transaction has the key');
    const { replays, expired } = await lookUp(client, [commandKey]);
    if (replays[0]) return replays[0];
    const outcome = await work(client);
    const result = newResult(idempotency, outcome);
    if (!result) return outcome;
    if (expired.length > 0) await run(client, deleteExpired(expired));
    for (const statement of storeResults([result])) await run(client, statement);
    return outcome;
  });
}

const run = (client: pg.ClientBase, { name, text, values }: Statement) =>
  client.query({ name, text, values: [...values] });
