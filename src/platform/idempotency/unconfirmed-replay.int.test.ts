// Against a real primary whose synchronous standby is frozen: a replay of an effect that no standby has yet.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canFailOver } from '../../../test/support/installed-postgres.ts';
import { type ReplicatedPostgres, replicatedPostgres } from '../../../test/support/replicated-postgres.ts';
import { Replay } from '../kernel/command-key.ts';
import { batchTransaction } from '../postgres/batch-transaction.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { findReplays } from './command-results.ts';
import { keyedBatch } from './keyed-batch.ts';
import { transactOnce } from './transact-once.ts';

const TABLE = `
  create schema platform;
  create table platform.command_results (scope text, key text, request_hash bytea not null, result bytea not null,
    expires_at timestamptz not null default now() + interval '1 day', constraint command_results_pkey primary key (scope, key))`;

describe.skipIf(!canFailOver())('a replay of an effect that no standby has', () => {
  let postgres: ReplicatedPostgres;
  let database: Database;
  let superuser: pg.Client;
  beforeAll(async () => {
    postgres = await replicatedPostgres();
    superuser = new pg.Client({ connectionString: postgres.primaryUrl });
    superuser.on('error', () => {});
    await superuser.connect();
    await superuser.query(TABLE);
    database = openDatabase({ url: postgres.url, onError: () => {} });
  });
  afterAll(async () => {
    await database?.close();
    await superuser?.end().catch(() => undefined);
    await postgres?.stop();
  });

  const commandKey = { scope: 'scope', key: 'key', requestHash: Buffer.from('hash') };
  const idempotency = { commandKey, resultOf: () => Buffer.from('result') };
  const once = () => transactOnce(database.pool, idempotency, async () => 'a first effect' as const);
  const grouped = () => {
    const batch = keyedBatch<string, { idempotency: typeof idempotency }>([{ idempotency }]);
    return batchTransaction(database, {
      load: batch.reads,
      decide: (loaded) => {
        const { outcomes, writes } = batch.split(loaded).merge([]);
        return { writes, result: outcomes[0] };
      },
      wasCommitted: () => Promise.resolve(true),
    });
  };

  it.each([
    ['one transaction', once],
    ['a batch', grouped],
    ['a look-up', async () => (await findReplays(database.pool, [commandKey]))[0]],
  ])('a replay of an effect waits for the standby in %s', async (_, repeat) => {
    await superuser.query('truncate platform.command_results');
    postgres.freezeStandby();
    const first = once().catch((error: unknown) => error);
    await untilWaiting();
    // The first command is committed here now, and its wait for the standby is over.
    await superuser.query(`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`);
    await first;
    const second = repeat();
    const came = await Promise.race([second.then(() => 'an answer'), untilWaiting().then(() => 'a wait')]);
    postgres.thawStandby();
    expect(came).toBe('a wait');
    expect(await second).toBeInstanceOf(Replay);
  });

  async function untilWaiting(): Promise<void> {
    for (;;) {
      const { rowCount } = await superuser.query(`select from pg_stat_activity where wait_event = 'SyncRep'`);
      if (rowCount !== 0) return;
      await sleep(20);
    }
  }
});
