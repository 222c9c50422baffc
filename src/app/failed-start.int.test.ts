import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as TcpServer } from 'node:net';
import pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/postgres.ts';
import { compose } from './compose.ts';
import { readSettings } from './config.ts';
import { startServer } from './server.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
let observer: pg.Client;

beforeEach(async () => {
  database = await testDatabase();
  observer = new pg.Client({ connectionString: database.url });
  await observer.connect();
});
afterEach(async () => {
  await observer.end();
  await database.drop();
});

const config = () => ({
  ...readSettings({}),
  databaseUrl: database.url,
  jwtSecrets: ['x'.repeat(32)],
  webhookKeys: [Buffer.alloc(32, 'y')],
});

/** PostgreSQL ends a session shortly after its client has closed it. */
async function expectNothingOpen(): Promise<void> {
  const ofOthers = `select application_name from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
  await expect.poll(async () => (await observer.query(ofOthers)).rows).toEqual([]);
  expect((await observer.query('select holder from platform.node_leases where expires_at > now()')).rows).toEqual([]);
}

async function listen(): Promise<{ readonly server: TcpServer; readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('a start that cannot read the time of the sandbox closes every connection and gives its node number back', async () => {
  await observer.query('drop table platform.sandbox_clock');
  await expect(compose({ ...config(), sandbox: true }, { log })).rejects.toThrow('sandbox_clock');
  await expectNothingOpen();
});

test('a start that fails after its clocks are open closes every connection and gives its node number back', async () => {
  const starting = compose({ ...config(), webhookKeys: [] }, { log, ownUrl: () => '' });
  await expect(starting).rejects.toThrow('the sandbox has no key to sign with');
  await expectNothingOpen();
});

test('a start whose port of the metrics is taken stops to serve, and closes every connection', async () => {
  const taken = await listen();
  const free = await listen();
  free.server.close();
  try {
    const starting = startServer(
      { ...config(), host: '127.0.0.1', port: free.port, metricsPort: taken.port },
      { log, preparesAccounts: false },
    );
    await expect(starting).rejects.toThrow('EADDRINUSE');
    await expect(fetch(`http://127.0.0.1:${free.port}/healthz`)).rejects.toThrow('fetch failed');
    await expectNothingOpen();
  } finally {
    taken.server.close();
  }
});
