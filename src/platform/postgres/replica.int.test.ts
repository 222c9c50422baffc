// Against a real primary and a replica that streams from it.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canFailOver } from '../../../test/support/installed-postgres.ts';
import { execute, withDatabaseName } from '../../../test/support/postgres-admin.ts';
import { type ReplicatedPostgres, replicatedPostgres } from '../../../test/support/replicated-postgres.ts';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import type { Reader } from './reader.ts';
import { openReplica, type Replica } from './replica.ts';

const UNTIL_MS = 20_000;
const BEHIND_MS = 5_001;
const PLATFORM = [{ name: 'platform', folder: join(import.meta.dirname, 'migrations') }];
const READ = 'select n, inet_server_port() as port from public.counters';

describe.skipIf(!canFailOver())('a read replica', () => {
  let postgres: ReplicatedPostgres;
  const opened: Database[] = [];
  let primary: Database;
  let standby: Database;
  let replica: Replica;
  let aheadMs: number;
  let changes: boolean[];

  beforeAll(async () => {
    postgres = await replicatedPostgres({ synchronous: false });
    // A read on the replica is cancelled soon when it is in the way of what the replica has to apply.
    await execute(postgres.standbyUrl, `alter system set max_standby_streaming_delay = '100ms'`);
    await execute(postgres.standbyUrl, 'select pg_reload_conf()');
    await migrate(postgres.primaryUrl, PLATFORM);
    await execute(postgres.primaryUrl, 'create table public.counters (n int not null)');
    await execute(postgres.primaryUrl, 'insert into public.counters values (0)');
    primary = open(postgres.primaryUrl);
  });
  beforeEach(async () => {
    aheadMs = 0;
    standby = open(postgres.standbyUrl);
    replica = await watch(standby, standby);
    await until(() => replica.assertUsed());
  });
  afterEach(async () => {
    await replica.stop();
    await standby.close();
  });
  afterAll(async () => {
    await primary?.close();
    await postgres?.stop();
  });

  const open = (url: string): Database => {
    const database = openDatabase({ url: `${url}?target_session_attrs=any`, onError: () => {} });
    opened.push(database);
    return database;
  };

  async function watch({ pool }: Database, { vital }: Database): Promise<Replica> {
    changes = [];
    return openReplica({
      primary: primary.pool,
      vital: primary.vital,
      replica: pool,
      probe: vital,
      monotonic: () => performance.now() + aheadMs,
      onChange: (isUsed) => changes.push(isUsed),
    });
  }

  const write = (n: number) => primary.pool.query('update public.counters set n = $1', [n]);
  const read = async (reader: Reader): Promise<{ n: number; port: number }> =>
    (await reader.query<{ n: number; port: number }>(READ)).rows[0] ?? expect.fail('no row');
  const portOf = (url: string): number => Number(new URL(url).port);

  it('a read goes to the replica while it is fresh', async () => {
    expect((await read(replica.recent)).port).toBe(portOf(postgres.standbyUrl));
    expect(replica.served).toEqual({ replica: 1, primary: 0, repeated: 0 });
  });

  it('a replica that applies nothing more serves rows of the last 5 s, and is passed by after that until it has caught up', async () => {
    await write(1);
    expect(await read(replica.complete)).toEqual({ n: 1, port: portOf(postgres.standbyUrl) });
    await postgres.pauseReplay();
    await write(2);
    expect(await read(replica.recent)).toEqual({ n: 1, port: portOf(postgres.standbyUrl) });
    aheadMs = BEHIND_MS;
    expect(await read(replica.recent)).toEqual({ n: 2, port: portOf(postgres.primaryUrl) });
    await expect(replica.assertUsed()).rejects.toThrow('the replica is away or too far behind');
    await until(async () => expect(changes).toEqual([true, false]));
    await postgres.resumeReplay();
    await until(() => replica.assertUsed());
    expect(await read(replica.recent)).toEqual({ n: 2, port: portOf(postgres.standbyUrl) });
  });

  it('an export has what was committed before it, although the replica does not', async () => {
    await postgres.pauseReplay();
    await write(3);
    expect(await read(replica.complete)).toEqual({ n: 3, port: portOf(postgres.primaryUrl) });
    await postgres.resumeReplay();
  });

  it('a replica that is frozen is passed by, and used again when it goes on', async () => {
    postgres.freezeStandby();
    expect((await read(replica.recent)).port).toBe(portOf(postgres.primaryUrl));
    expect(replica.served.repeated).toBe(1);
    // Known to be away: not even tried.
    expect((await read(replica.recent)).port).toBe(portOf(postgres.primaryUrl));
    expect(replica.served.repeated).toBe(1);
    postgres.thawStandby();
    await until(() => replica.assertUsed());
    expect((await read(replica.recent)).port).toBe(portOf(postgres.standbyUrl));
  });

  it('a server that is behind serves no read, although another one behind the same name shows the beats', async () => {
    await postgres.pauseReplay();
    const balanced = await watch(standby, primary);
    await write(4);
    aheadMs = BEHIND_MS;
    await until(() => balanced.assertUsed());
    expect(await read(balanced.recent)).toEqual({ n: 4, port: portOf(postgres.primaryUrl) });
    expect(await read(balanced.complete)).toEqual({ n: 4, port: portOf(postgres.primaryUrl) });
    expect(balanced.served).toEqual({ replica: 0, primary: 2, repeated: 0 });
    await postgres.resumeReplay();
    await until(
      async () => expect(balanced.served.replica).toBeGreaterThan(0),
      () => read(balanced.recent),
    );
    await balanced.stop();
  });

  it('another host is chosen when one is too far behind', async () => {
    await postgres.pauseReplay();
    const { host } = new URL(postgres.standbyUrl);
    const several = openDatabase({
      url: postgres.primaryUrl,
      replicaUrl: postgres.standbyUrl.replace(host, `${host},localhost:${portOf(postgres.standbyUrl)}`),
      onError: () => {},
    });
    const hosts = new Set<string>();
    several.pools.get('replica-probe')?.on('connect', (client) => hosts.add((client as pg.Client).host));
    await until(async () => expect(hosts.size).toBe(2));
    await several.close();
    await postgres.resumeReplay();
  });

  it('of several hosts a standby is read, in whatever order they stand', async () => {
    const [first, second] = [postgres.primaryUrl, postgres.standbyUrl].map((url) => new URL(url).host);
    for (const both of [`${first},${second}`, `${second},${first}`]) {
      const database = openDatabase({
        url: postgres.primaryUrl,
        replicaUrl: postgres.primaryUrl.replace(first ?? '', both),
        onError: () => {},
      });
      await until(async () => database.replica?.assertUsed());
      expect((await read(database.recentReads)).port).toBe(portOf(postgres.standbyUrl));
      await database.close();
    }
  });

  it('a read that the replica cancels for what it has to apply is repeated on the primary', async () => {
    // On the primary nothing sleeps: the statement is short there.
    const slow = `select inet_server_port() as port, case when pg_is_in_recovery() then pg_sleep(30) end from public.counters`;
    const reading = replica.recent.query<{ port: number }>(slow);
    await until(async () => {
      const { rowCount } = await standby.vital.query(
        `select from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`,
      );
      expect(rowCount).toBe(1);
    });
    await execute(
      postgres.primaryUrl,
      'begin; truncate public.counters; insert into public.counters values (0); commit',
    );
    expect((await reading).rows[0]?.port).toBe(portOf(postgres.primaryUrl));
    expect(replica.served.repeated).toBe(1);
  });

  it('a table that the replica does not have yet is read on the primary', async () => {
    await postgres.pauseReplay();
    await execute(postgres.primaryUrl, 'create table public.late as select 1 as n');
    expect((await replica.recent.query('select n from public.late')).rows).toEqual([{ n: 1 }]);
    expect(replica.served.repeated).toBe(1);
    await postgres.resumeReplay();
  });

  it('a statement that is wrong fails with the error of the primary', async () => {
    await expect(replica.recent.query('select wrong')).rejects.toMatchObject({ code: '42703' });
  });

  it('another database is never used as a replica', async () => {
    await execute(withDatabaseName(postgres.primaryUrl, 'postgres'), 'create database other');
    const other = open(withDatabaseName(postgres.primaryUrl, 'other'));
    const wrong = await watch(other, other);
    await until(
      async () => expect(wrong.served.primary).toBeGreaterThan(0),
      () => read(wrong.recent),
    );
    await migrate(withDatabaseName(postgres.primaryUrl, 'other'), PLATFORM);
    expect((await read(wrong.complete)).port).toBe(portOf(postgres.primaryUrl));
    await expect(wrong.assertUsed()).rejects.toThrow('the replica is away or too far behind');
    await wrong.stop();
    await other.close();
  });

  it('a process that stops leaves no beat behind', async () => {
    await replica.stop();
    expect((await primary.pool.query('select from platform.replica_beats')).rowCount).toBe(0);
  });

  it('a replica that was promoted is passed by after 5 s, although it accepts writes', async () => {
    await postgres.promote();
    await execute(postgres.standbyUrl, 'update public.counters set n = 99');
    await execute(postgres.standbyUrl, 'update platform.replica_beats set at = now()');
    aheadMs = BEHIND_MS;
    expect((await read(replica.recent)).port).toBe(portOf(postgres.primaryUrl));
    expect((await read(replica.complete)).port).toBe(portOf(postgres.primaryUrl));
  });
});

async function until(check: () => unknown, before: () => unknown = () => undefined): Promise<void> {
  for (const startedMs = performance.now(); ; ) {
    try {
      await before();
      await check();
      return;
    } catch (error) {
      if (performance.now() - startedMs > UNTIL_MS) throw error;
      await sleep(20);
    }
  }
}
