import type pg from 'pg';
import type { Keep, Replay } from '../kernel/command-key.ts';
import type { Statement } from '../postgres/group-transaction.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { findReplays, insertResults, placeOf } from './command-results.ts';

// Held until the transaction ends, also one whose COMMIT lost its answer: the next command with the same key waits, and then
// reads what became of it.
const LOCK_KEY = `select pg_advisory_xact_lock(hashtextextended('command:' || $1, 0))`;

/**
 * Runs `work` as `inTransaction` does, at most once a key: its result is stored in the same transaction, and a later command
 * with the key gets that result as a Replay. Without `keep` it is `inTransaction`.
 */
export async function transactOnce<Outcome>(
  pool: pg.Pool,
  keep: Keep<Outcome> | undefined,
  work: (client: pg.PoolClient) => Promise<Outcome>,
): Promise<Outcome | Replay> {
  if (keep === undefined) return await inTransaction(pool, work);
  const { commandKey, resultOf } = keep;
  return await inTransaction<Outcome | Replay>(pool, async (client) => {
    await client.query(LOCK_KEY, [placeOf(commandKey)]);
    const [replay] = await findReplays(client, [commandKey]);
    if (replay) return replay;
    const outcome = await work(client);
    const result = resultOf(outcome);
    if (result) await run(client, insertResults([{ commandKey, result }]));
    return outcome;
  });
}

const run = (client: pg.ClientBase, { name, text, values }: Statement) =>
  client.query({ name, text, values: [...values] });
