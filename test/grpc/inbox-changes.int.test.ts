import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, ServerCredentials } from '@grpc/grpc-js';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { remoteInboxChanges, servedInboxChanges } from '../../src/app/remote/inbox-changes.ts';
import { postgresInboxSignal } from '../../src/contexts/notification/adapters/postgres/inbox-signal.ts';
import { notificationContext } from '../../src/contexts/notification/module.ts';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { serveGrpc } from '../../src/platform/grpc/serve.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { createLogger } from '../../src/platform/telemetry/logger.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { cuttableProxy } from '../support/transports.ts';

const TOKEN = 'right';
const contract = await notificationContext.contract();
const undo: (() => Promise<unknown> | unknown)[] = [];
let home: TestDatabase;
beforeAll(async () => {
  home = await testDatabase();
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => home.drop());

/** The signal of one process of the notification context. */
function signal() {
  const database = openDatabase({ url: home.url, onError: () => {} });
  const own = postgresInboxSignal({ pool: database.pool, url: home.url, onError: () => {} });
  undo.push(() => database.close(), own.stop);
  return own;
}

/** What a gateway is told by a process that it reaches by gRPC. */
async function gateway() {
  const { port, stop } = await serveGrpc({
    services: [],
    streams: [servedInboxChanges(signal())],
    host: '127.0.0.1',
    port: 0,
    credentials: ServerCredentials.createInsecure(),
    isMutual: false,
    denies: ({ token }) => (token === TOKEN ? undefined : { code: 'UNAUTHENTICATED', reason: 'another token' }),
    isPrincipal: () => true,
    log: createLogger('silent'),
  });
  const proxy = await cuttableProxy(port);
  const dialled = dial(contract, {
    addresses: staticAddresses([`127.0.0.1:${proxy.port}`]),
    credentials: credentials.createInsecure(),
  });
  const changes = remoteInboxChanges((path, of) => dialled.openStream(path, of, () => TOKEN));
  undo.push(() => stop(200), proxy.close, dialled.close, changes.stop);
  const told: (readonly bigint[])[] = [];
  const unsubscribe = changes.subscribe((userIds) => told.push(userIds));
  return { told, proxy, unsubscribe, all: () => told.filter(({ length }) => length === 0).length };
}

const timeout = { timeout: 60_000 };

test('a gateway receives which inboxes other processes have changed, each group in one message', async () => {
  const { told, all } = await gateway();
  const writer = signal();
  await expect.poll(all, timeout).toBe(1);
  writer.notify([2n ** 62n, 1n]);
  writer.notify([7n, 1n]);
  await expect.poll(() => told.slice(1), timeout).toEqual([[2n ** 62n, 1n, 7n]]);
  const many = Array.from({ length: 20_000 }, (_, index) => 2n ** 61n + BigInt(index));
  writer.notify(many);
  await expect.poll(() => told.slice(2).flat().length, timeout).toBe(20_000);
  expect(told.slice(2).flat()).toEqual(many);
  expect(told.length).toBe(42);
});

test('after a lost stream, and after a lost session of PostgreSQL, a gateway receives that any inbox may have changed', async () => {
  const { told, all, proxy } = await gateway();
  const writer = signal();
  await expect.poll(all, timeout).toBe(1);
  proxy.cut();
  await expect.poll(all, timeout).toBe(2);
  const client = new pg.Client({ connectionString: home.url });
  await client.connect();
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stampede-inboxes' and datname = current_database()`,
  );
  await client.end();
  await expect.poll(all, timeout).toBe(3);
  writer.notify([5n]);
  await expect.poll(() => told.at(-1), timeout).toEqual([5n]);
});

test('a gateway without streams of notices keeps no stream and no session open', async () => {
  const { told, all, unsubscribe } = await gateway();
  await expect.poll(all, timeout).toBe(1);
  unsubscribe();
  const client = new pg.Client({ connectionString: home.url });
  await client.connect();
  const sessions = async () =>
    (
      await client.query(
        `select from pg_stat_activity where application_name = 'stampede-inboxes' and datname = current_database()`,
      )
    ).rowCount;
  await expect.poll(sessions, timeout).toBe(0);
  await client.end();
  signal().notify([1n]);
  await sleep(100);
  expect(told.length).toBe(1);
});
