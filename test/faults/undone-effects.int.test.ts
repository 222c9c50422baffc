import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrationFolders } from '../../src/app/migrations.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { INSERT_OUTBOX, outboxValues } from '../../src/platform/events/outbox.ts';
import { createRelay } from '../../src/platform/events/relay.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { handleOnce } from '../../src/platform/postgres/inbox.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';
import {
  ACCOUNT,
  canFailOver,
  type InstalledPostgres,
  installedPostgres,
  type PostgresServer,
  urlOf,
} from '../support/installed-postgres.ts';
import { execute } from '../support/postgres-admin.ts';

// Consumers of the outbox commit without a flush of WAL. Here the server flushes so late that a kill undoes what they committed.

const KILLS = 5;
const CONSUMER = 'counting';

describe.runIf(canFailOver())('effects that a kill of PostgreSQL undoes', () => {
  let installed: InstalledPostgres;
  let server: PostgresServer;
  let port: number;
  const start = async () => {
    server = await installed.start('server', { port });
  };

  beforeAll(async () => {
    installed = await installedPostgres();
    port = await freePort();
    await installed.program('initdb', '-D', join(installed.dir, 'server'), '-U', ACCOUNT, '-A', 'trust', '--no-sync');
    await start();
    await execute(urlOf(port, 'postgres'), `alter system set wal_writer_delay = '10s'`);
    await execute(urlOf(port, 'postgres'), `alter system set wal_writer_flush_after = '1GB'`);
    await execute(urlOf(port, 'postgres'), 'select pg_reload_conf()');
    await execute(urlOf(port, 'postgres'), 'create database events');
    await migrate(urlOf(port, 'events'), migrationFolders(), undefined);
    await execute(urlOf(port, 'events'), 'create table effects (n int not null)');
  });
  afterAll(async () => {
    await server?.kill();
    if (installed) rmSync(installed.dir, { recursive: true, force: true });
  });

  test('are there once after the events were delivered again', async () => {
    const url = urlOf(port, 'events');
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    pool.on('error', () => {});
    const log = pino({ level: 'silent' });
    const deadLetters = postgresDeadLetters(pool);
    const bus = inProcessBus({ deadLetters, metrics: new Registry(), log, retryBaseMs: 5 });
    const handled: number[] = [];
    bus.subscribe(CONSUMER, ['coupon.issued'], async (events) => {
      const done = await inTransaction(pool, async (client) => {
        const numbers = (await handleOnce(client, CONSUMER, events)).map(({ event }) => Number(event.data['n']));
        await client.query('insert into effects select unnest($1::int[])', [numbers]);
        return numbers;
      });
      handled.push(...done);
    });
    const check = { outgoing: () => undefined };
    const relay = createRelay({ url, bus, check, deadLetters, metrics: new Registry(), log });
    relay.start();

    /** An event whose commit is flushed: it may not be lost. */
    let written = 0;
    async function write(): Promise<void> {
      const n = written + 1;
      const batch = {
        topic: 'coupon.issued',
        source: 'coupon',
        keyField: 'policyId',
        common: {},
        columns: ['policyId', 'n'],
        rows: [['1', n]],
        countBy: 'policyId',
      };
      await pool.query(INSERT_OUTBOX, outboxValues(BigInt(n), [batch]));
      written = n;
      relay.notify();
    }
    const effects = async (): Promise<readonly number[]> =>
      (await pool.query<{ n: number }>('select n from effects order by n')).rows.map(({ n }) => n);

    try {
      let undone = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const until = written + 20;
        while (written < until) await write();
        // The last one has its effect. Nothing is written afterwards whose flush would keep it.
        await expect.poll(() => handled.includes(written)).toBe(true);
        await sleep(kill * 20);
        await server.kill();
        await start();
        const known = new Set(await effects());
        undone += Array.from({ length: written }, (_, index) => index + 1).filter((n) => !known.has(n)).length;
        await expect.poll(() => effects().catch(() => [])).toHaveLength(written);
      }
      expect(undone).toBeGreaterThan(0);
      expect(await effects()).toEqual(Array.from({ length: written }, (_, index) => index + 1));
      await expect
        .poll(async () => (await pool.query('select count(*)::int as rows from platform.outbox')).rows)
        .toEqual([{ rows: 0 }]);
    } finally {
      await relay.stop();
      await bus.stop();
      await pool.end();
    }
  });
});
