// @module-tag process
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { postgresInboxSignal } from '../../src/contexts/notification/adapters/postgres/inbox-signal.ts';
import { writeNotices } from '../../src/contexts/notification/adapters/postgres/write-notices.ts';
import { type Database, openDatabase } from '../../src/platform/postgres/database.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';
import { configOf, newEmail, SECRET, type Stage, stage, testUsers, until } from '../attacks/support.ts';
import { countingIds } from '../support/counting-ids.ts';
import { type NoticeClient, openNotices } from '../support/notice-client.ts';
import { startServe, temporaryDir } from '../support/serve.ts';

let on: Stage;
let other: Server;
let database: Database;
let signal: ReturnType<typeof postgresInboxSignal>;
const testUser = testUsers();
const nextId = countingIds();
const clients: NoticeClient[] = [];
const startOther = () => startServer(configOf(on.database.programUrl));
beforeAll(async () => {
  on = await stage();
  other = await startOther();
  database = openDatabase({ url: on.database.programUrl, onError: () => {} });
  signal = postgresInboxSignal({ pool: database.pool, url: database.url, onError: () => {} });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await signal.stop();
  await database.close();
  await other.stop();
  await on.stop();
});

let subjects = 0;
/** Writes a notice for each user, as a process of its own would. */
async function write(users: readonly string[], isSignalled = true): Promise<void> {
  const wanted = users.map((user) => ({
    userId: BigInt(user),
    kind: 'COUPON_ISSUED' as const,
    subject: String(++subjects),
    day: '2026-01-01',
    data: { couponName: `coupon ${subjects}` },
  }));
  await inTransaction(database.pool, (client) => writeNotices(client, wanted, { nextId, nowMs: on.now() }));
  if (isSignalled) signal.notify(users.map(BigInt));
}
const open = async (user: string, url = on.url, headers: Readonly<Record<string, string>> = {}) => {
  const client = await openNotices(url, { authorization: `Bearer ${on.token(user)}`, ...headers });
  clients.push(client);
  return client;
};
const idsOf = ({ events }: NoticeClient) => events.filter(({ name }) => name === 'notice').map(({ id }) => id);

/** Each user reads a stream, and opens the next one behind its last id when it has ended or is cut. */
function readAll(
  users: readonly string[],
  next: { readonly url: () => string; readonly untilCut: () => Promise<void> },
) {
  const received = new Map(users.map((user) => [user, [] as number[]]));
  let isOver = false;
  async function read(user: string): Promise<void> {
    let lastId = '0';
    while (!isOver) {
      const headers = { authorization: `Bearer ${on.token(user)}`, 'last-event-id': lastId };
      const client = await openNotices(next.url(), headers, ({ name, id }) => {
        lastId = id ?? lastId;
        if (name === 'notice') received.get(user)?.push(Number(id));
      }).catch(() => undefined);
      if (client === undefined) {
        await sleep(20);
        continue;
      }
      clients.push(client);
      await Promise.race([client.ended, next.untilCut()]);
      client.close();
      await client.ended;
    }
  }
  const reading = users.map(read);
  return {
    received,
    async stop() {
      isOver = true;
      for (const client of clients) client.close();
      await Promise.all(reading);
    },
  };
}

/** Three writers, each of 60 times some of the users. They lock inboxes in ascending order; which users a notice is for is random. */
const writeAtRandom = (users: readonly string[]) =>
  Promise.all(
    Array.from({ length: 3 }, async () => {
      for (let count = 0; count < 60; count++) {
        await write(users.filter(() => Math.random() < 0.5));
        await sleep(Math.random() * 30);
      }
    }),
  );

/** Waits until the streams have as many notices as the inboxes, and compares them. */
async function expectAll({ received, stop }: ReturnType<typeof readAll>, users: readonly string[]): Promise<void> {
  const { rows } = await on.query<{ userId: string; numbers: string[] }>(
    `select user_id::text as "userId", array_agg(number::text order by number) as numbers
     from notification.notices where user_id = any($1::bigint[]) group by 1`,
    [users],
  );
  const written = new Map(rows.map(({ userId, numbers }) => [userId, numbers.map(Number)]));
  await until(async () => users.every((user) => (received.get(user)?.length ?? 0) >= (written.get(user)?.length ?? 0)));
  await stop();
  expect(Object.fromEntries(received)).toEqual(Object.fromEntries(written));
}

describe('a stream of notices', () => {
  it('a stream of notices sends the unread count at once, then each notice as in the list, to every tab and on every node', async () => {
    const user = testUser(1);
    await write([user]);
    const tabs = [await open(user), await open(user), await open(user, other.url)];
    await until(async () => tabs.every(({ events }) => events.length === 1));
    expect(tabs[0]?.events).toEqual([{ name: 'unread', id: '1', data: { unreadCount: 1 } }]);
    await write([user, testUser(2)]);
    await until(async () => tabs.every(({ events }) => events.length === 3));
    const list = await on.call('GET', '/api/v1/notifications?limit=1', { token: on.token(user) });
    for (const { events } of tabs) {
      expect(events.slice(1)).toEqual([
        { name: 'notice', id: '2', data: list.body.notifications[0] },
        { name: 'unread', id: undefined, data: { unreadCount: 2 } },
      ]);
    }
  });

  it('a stream with the last id continues behind it, on another node, too, and gets nothing twice', async () => {
    const user = testUser(3);
    const first = await open(user);
    await until(async () => first.events.length === 1);
    await write([user]);
    await until(async () => idsOf(first).length === 1);
    first.close();
    for (let count = 0; count < 120; count++) await write([user]);
    const next = await open(user, other.url, { 'last-event-id': '1' });
    await until(async () => idsOf(next).length === 120);
    expect(idsOf(next)).toEqual(Array.from({ length: 120 }, (_, index) => String(index + 2)));
    const beyond = await open(user, other.url, { 'last-event-id': '999' });
    await until(async () => beyond.events.length === 1);
    await write([user]);
    await until(async () => idsOf(beyond).length === 1);
    expect(idsOf(beyond)).toEqual(['122']);
  });

  it('a last id that no stream has sent is refused', async () => {
    for (const id of ['x', '-1', '1'.repeat(19)]) {
      const headers = { 'last-event-id': id };
      const answer = await on.call('GET', '/api/v1/notifications/stream', { token: on.token(testUser(4)), headers });
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    }
  });

  it('every notice arrives exactly once and in order, while connections are cut at random and a node restarts', async () => {
    const users = Array.from({ length: 12 }, (_, index) => testUser(100 + index));
    const readers = readAll(users, {
      url: () => (Math.random() < 0.5 ? on.url : other.url),
      untilCut: () => sleep(Math.random() * 300),
    });
    const writing = writeAtRandom(users);
    await sleep(500);
    await other.stop();
    other = await startOther();
    await writing;
    await expectAll(readers, users);
  });

  it('every notice arrives exactly once and in order, also when the node of all streams is killed with SIGKILL', async () => {
    const users = Array.from({ length: 12 }, (_, index) => testUser(200 + index));
    const dir = temporaryDir();
    const node = await startServe({
      dataDir: dir.path,
      env: {
        DATABASE_URL: on.database.programUrl,
        MIGRATION_DATABASE_URL: on.database.url,
        JWT_SECRET: SECRET,
        FILES_DIRECTORY: inject('filesDirectory'),
      },
    });
    let isAlive = true;
    try {
      const readers = readAll(users, {
        url: () => (isAlive ? node.url : on.url),
        untilCut: () => new Promise(() => {}),
      });
      await write(users);
      await until(async () => users.every((user) => readers.received.get(user)?.length === 1));
      const writing = writeAtRandom(users);
      // In the middle of it: some notices are sent, others are on their way or not written yet.
      await until(async () => users.every((user) => (readers.received.get(user)?.length ?? 0) >= 10));
      isAlive = false;
      await node.end('SIGKILL');
      await writing;
      await expectAll(readers, users);
    } finally {
      await node.end('SIGKILL');
      await dir.remove();
    }
  });
});

describe('docs/attacks.md 25: a stream of notices', () => {
  const AUTH = '/api/v1/auth';
  const password = 'correct horse battery';
  async function signIn() {
    const email = newEmail('stream');
    await on.call('POST', `${AUTH}/signup`, { json: { email, password, name: 'Kim' } });
    return (await on.call('POST', `${AUTH}/login`, { json: { email, password } })).body;
  }
  const openAs = (token: string, url = on.url) => openNotices(url, { authorization: `Bearer ${token}` });
  const endsSoon = (client: NoticeClient) =>
    Promise.race([client.ended.then(() => 'ended'), sleep(10_000).then(() => 'open')]);

  it('a stream ends when its session is logged out, on the other node, too', async () => {
    const { accessToken, refreshToken } = await signIn();
    const streams = [await openAs(accessToken), await openAs(accessToken, other.url)];
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    await on.call('POST', `${AUTH}/logout`, { json: { refreshToken } });
    for (const stream of streams) expect(await endsSoon(stream)).toBe('ended');
    expect((await openAs(accessToken)).status).toBe(401);
  });

  it('a stream ends when its access token expires', async () => {
    const { accessToken } = await signIn();
    const stream = await openAs(accessToken);
    const lasting = await open(testUser(5));
    await on.advance(16 * 60 * 1_000);
    expect(await endsSoon(stream)).toBe('ended');
    expect(await endsSoon(lasting)).toBe('ended');
  });

  it('a stream of an API key that acts for a customer ends when the key is revoked', async () => {
    const admin = on.token('1', 'ADMIN');
    const json = { name: 'app', scopes: ['users:read'] };
    const made = (await on.call('POST', '/api/v1/auth/api-keys', { token: admin, json })).body;
    const user = testUser(6);
    const headers = { 'x-api-key': made.secret, 'x-user-id': user };
    const stream = await openNotices(on.url, headers);
    expect(stream.status).toBe(200);
    await until(async () => stream.events.length === 1);
    await write([user]);
    await until(async () => idsOf(stream).length === 1);
    await on.call('DELETE', `/api/v1/auth/api-keys/${made.apiKeyId}`, { token: admin });
    expect(await endsSoon(stream)).toBe('ended');
  });
});
