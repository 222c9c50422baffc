import type pg from 'pg';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { slices } from '../../../../platform/kernel/slices.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { READ_TIME, timeIn } from '../../../../platform/postgres/database-time.ts';
import { classifyFailure } from '../../../../platform/postgres/failures.ts';
import { handleOnce } from '../../../../platform/postgres/inbox.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { IntakeAge, IntakeStore, WriteResult } from '../../application/ports.ts';
import { type PackedFacts, packFacts, unpackFacts } from './packed-facts.ts';
import { bisectFacts, isDataError, type WriteFacts, writeFacts, writeGoodFacts } from './write-facts.ts';

/** Facts of a row, and of a transaction of the writer, at most. */
const FACTS_MAX = 1_000;
const ROWS_MAX = 100;
/** After this many failed attempts, a second apart, the facts are split in halves to find those that cause the error. */
const ATTEMPTS_TOGETHER = 3;

const ADD = `insert into notification.intake (size, facts) select size, facts from unnest($1::int[], $2::json[]) as f(size, facts)`;

/** One writer at a time in a database: of two, the second would wait for the inboxes of the first. */
const LOCK = `select pg_try_advisory_xact_lock(hashtext('notification.writer')) as locked`;

/** The rows that belong to the next transaction, in order: at least one. */
const TAKE = `
  delete from notification.intake where id in (
    select id from (
      select id, size, sum(size) over (order by id) as total
      from (select id, size from notification.intake order by id limit ${ROWS_MAX}) as first
    ) as summed where total = size or total <= ${FACTS_MAX}
  ) returning id, facts, extract(epoch from clock_timestamp() - created_at)::float8 as age, (
    select extract(epoch from clock_timestamp() - created_at)::float8 from notification.intake order by id desc limit 1
  ) as newest`;

/** A row that a writer has deleted, and not committed, still waits. */
const OLDEST = `
  select extract(epoch from clock_timestamp() - created_at)::float8 as seconds from notification.intake order by id limit 1`;

interface TakenRow {
  readonly id: bigint;
  readonly facts: PackedFacts;
  /** How long it has waited, in seconds. */
  readonly age: number;
  /** How long ago a fact came last. */
  readonly newest: number;
}

export function postgresIntakeStore({
  database,
  nextId,
}: {
  readonly database: Database;
  readonly nextId: IdSource;
}): IntakeStore & IntakeAge {
  const { pool, time } = database;
  const nowIn = async (client: pg.ClientBase): Promise<number> =>
    time.presentAt(timeIn(await client.query(READ_TIME.text)));

  /** Attempts in a row that failed with an error that no retry can repair. */
  let failed = 0;

  return {
    addOnce: (consumer, events, factsOf) =>
      inTransaction(pool, async (client) => {
        const facts = factsOf(await handleOnce(client, consumer, events));
        if (facts.length === 0) return;
        const parts = slices(facts, FACTS_MAX);
        await client.query(ADD, [
          parts.map(({ length }) => length),
          parts.map((part) => JSON.stringify(packFacts(part))),
        ]);
      }),

    oldestSeconds: async () => Math.max(0, (await pool.query<{ seconds: number }>(OLDEST)).rows[0]?.seconds ?? 0),

    async writeNext() {
      const write = failed < ATTEMPTS_TOGETHER ? writeFacts : bisectFacts;
      try {
        const result = await writeNext(write).catch((error: unknown) => {
          if (!isDataError(error)) throw error;
          return writeNext(writeGoodFacts(isDataError));
        });
        if (result.kind !== 'BUSY') failed = 0;
        return result;
      } catch (error) {
        failed = classifyFailure(error) === 'poison' ? failed + 1 : 0;
        throw error;
      }
    },
  };

  function writeNext(write: WriteFacts): Promise<WriteResult> {
    return inTransaction(pool, async (client) => {
      const { rows: locks } = await client.query<{ locked: boolean }>(LOCK);
      if (locks[0]?.locked !== true) return { kind: 'BUSY' };
      const { rows } = await client.query<TakenRow>(TAKE);
      if (rows.length === 0) return { kind: 'EMPTY' };
      const facts = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)).flatMap((row) => unpackFacts(row.facts));
      const written = await write(client, facts, { nextId, nowMs: await nowIn(client) });
      return {
        kind: 'WRITTEN',
        ...written,
        userIds: facts.map(({ userId }) => BigInt(userId)),
        ageSeconds: Math.max(...rows.map(({ age }) => age)),
        newestSeconds: Math.min(...rows.map(({ newest }) => newest)),
      };
    });
  }
}
