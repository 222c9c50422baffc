// Against a real primary and its synchronous standby: which server a connection goes to, and what a COMMIT without a standby means.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canFailOver } from '../../../test/support/installed-postgres.ts';
import { type ReplicatedPostgres, replicatedPostgres } from '../../../test/support/replicated-postgres.ts';
import { batchTransaction, classifyFailure, OutcomeUnknown } from './batch-transaction.ts';
import { type Database, openDatabase } from './database.ts';
import { openSession } from './session.ts';

const UNTIL_MS = 20_000;
const LOCK = 'select pg_advisory_xact_lock(1)';

describe.skipIf(!canFailOver())('a primary with a synchronous standby', () => {
  let postgres: ReplicatedPostgres;
  let database: Database;
  let superuser: pg.Client;
  beforeAll(async () => {
    postgres = await replicatedPostgres();
    database = openDatabase({ url: postgres.url, onError: () => {} });
    superuser = await connect(postgres.primaryUrl);
    await superuser.query('create table public.counters (id int primary key, n int not null)');
    await superuser.query('insert into public.counters values (1, 0)');
  });
  afterAll(async () => {
    await database?.close();
    await superuser?.end().catch(() => undefined);
    await postgres?.stop();
  });

  const increment = () =>
    batchTransaction(database, {
      // A lock that leaves nothing in the WAL, unlike that of a row: what the question itself writes has to wait for a standby.
      load: [
        { name: 'lock', text: LOCK, values: [] },
        { name: 'load', text: 'select n from public.counters where id = 1', values: [] },
      ],
      decide: ([, row]) => {
        const n = Number(row?.rows[0]?.n) + 1;
        const write = { name: 'write', text: 'update public.counters set n = $1 where id = 1', values: [n] };
        return { writes: [write], result: n };
      },
      wasCommitted: async (client, n) => {
        await client.query(LOCK);
        const { rows } = await client.query('select n from public.counters where id = 1');
        return rows[0]?.n >= n;
      },
    });

  it('a session connects to the primary, wherever it is in the URL', async () => {
    const [primary, standby] = [postgres.primaryUrl, postgres.standbyUrl].map((url) => new URL(url));
    const reversed = `postgres://postgres@${standby?.host},${primary?.host}${primary?.pathname}`;
    const client = await openSession(reversed, { name: 'test' });
    const { rows } = await client.query('select inet_server_port() as port');
    expect(rows[0].port).toBe(Number(primary?.port));
    await client.end();
  });

  it('a session refuses a lone standby, unless the URL allows any server', async () => {
    await expect(openSession(postgres.standbyUrl, { name: 'test' })).rejects.toThrow('the server is read-only');
    const client = await openSession(`${postgres.standbyUrl}?target_session_attrs=any`, { name: 'test' });
    await client.end();
  });

  it('statement_timeout does not cancel a COMMIT that waits for the standby longer', async () => {
    postgres.freezeStandby();
    const client = await openSession(postgres.primaryUrl, { name: 'test' });
    await client.query(`set statement_timeout = '200ms'`);
    await client.query('begin');
    await client.query('update public.counters set n = n where id = 1');
    let settled = false;
    const commit = client.query('commit').finally(() => {
      settled = true;
    });
    await untilWaiting();
    await sleep(1_000);
    expect(settled).toBe(false);
    postgres.thawStandby();
    expect((await commit).command).toBe('COMMIT');
    await client.end();
  });

  it('a COMMIT whose wait for the standby was cancelled has no known outcome until a standby confirms it', async () => {
    expect(await increment()).toBe(1);
    postgres.freezeStandby();
    const failed = increment().catch((error: unknown) => error);
    await untilWaiting();
    await superuser.query(`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`);
    const error = await failed;
    postgres.thawStandby();
    expect(error).toBeInstanceOf(OutcomeUnknown);
    expect(classifyFailure(error)).toBe('unknown');
  });

  it('a COMMIT whose wait was cancelled is acknowledged once the standby has it', async () => {
    const before = (await superuser.query('select n from public.counters where id = 1')).rows[0].n;
    postgres.freezeStandby();
    const incremented = increment();
    await untilWaiting();
    await superuser.query(`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`);
    postgres.thawStandby();
    expect(await incremented).toBe(before + 1);
  });

  it('a new process connects to the promoted standby, while the old primary still accepts writes', async () => {
    await increment();
    await postgres.promote();
    const client = await openSession(postgres.url, { name: 'test' });
    expect(await portOf(client)).toBe(standbyPort());
    await client.end();
  });

  it('a pool reaches the promoted standby after sessions were given up, while the old primary still accepts connections', async () => {
    // The old primary commits nothing any more: no standby confirms it.
    expect(await untilIncremented()).toBeGreaterThan(1);
    for (const pool of database.pools.values()) expect(await portOf(pool)).toBe(standbyPort());
  });

  it('a pool reaches the promoted standby after the old primary is destroyed', async () => {
    await postgres.destroyPrimary();
    const after = await untilIncremented();
    expect(await increment()).toBe(after + 1);
    expect(await portOf(database.pool)).toBe(standbyPort());
  });

  const standbyPort = (): number => Number(new URL(postgres.standbyUrl).port);

  async function untilIncremented(): Promise<number> {
    for (const startedMs = performance.now(); performance.now() - startedMs < UNTIL_MS; ) {
      const n = await increment().catch(() => undefined);
      if (n !== undefined) return n;
    }
    return expect.fail('no increment was committed');
  }

  const portOf = async (on: Pick<pg.Pool, 'query'>): Promise<number> =>
    (await on.query<{ port: number }>('select inet_server_port() as port')).rows[0]?.port ?? 0;

  async function untilWaiting(): Promise<void> {
    for (;;) {
      const { rowCount } = await superuser.query(`select from pg_stat_activity where wait_event = 'SyncRep'`);
      if (rowCount !== 0) return;
      await sleep(20);
    }
  }
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}
