import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../../../test/support/postgres-proxy.ts';
import { ConnectionLost, classifyFailure } from './failures.ts';
import { openHosts } from './hosts.ts';
import { openSession } from './session.ts';
import { closeIdle, sessionPool } from './session-pool.ts';
import { inTransaction } from './transaction.ts';

let home: TestDatabase;
let owner: pg.Client;
let proxy: PostgresProxy;
let pool: pg.Pool;
const taken = new Set<pg.PoolClient>();
/** Only where a test is about it: on a slow machine any response may take longer. */
const RESPONSE_TIMEOUT_MS = 500;
beforeEach(async () => {
  home = await testDatabase();
  owner = new pg.Client({ connectionString: home.url });
  await owner.connect();
  await owner.query('create table public.things (id int primary key, n int not null)');
  await owner.query('insert into public.things values (1, 0), (2, 0)');
  proxy = await postgresProxy(home.url);
  pool = openPool();
});
afterEach(async () => {
  // A test that failed has not released what it took, and the pool would wait for that.
  for (const client of taken) client.release(true);
  await pool.end();
  await proxy.close();
  await owner.end();
  await home.drop();
});

function openPool(limits: { readonly responseTimeoutMs?: number } = {}): pg.Pool {
  const session = { name: 'test', ...limits, onLost: () => closeIdle(pool) };
  const opened = sessionPool(openHosts(proxy.url), session, { max: 3 }, () => {});
  opened.on('acquire', (client) => taken.add(client));
  opened.on('release', (_, client) => taken.delete(client));
  return opened;
}

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  );
const pidOf = async (client: pg.ClientBase): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0;

describe('a session without a response from PostgreSQL', () => {
  beforeEach(() => {
    pool = openPool({ responseTimeoutMs: RESPONSE_TIMEOUT_MS });
  });

  it('a session without a response is given up: a statement under way rejects, and the next one has a new connection', async () => {
    const slow = outcome(pool.query('select pg_sleep(0.2)'));
    await untilBusy();
    proxy.silence();
    const error = await slow;
    expect(error).toBeInstanceOf(ConnectionLost);
    expect(classifyFailure(error)).toBe('transient');
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('a session without a response closes the idle sessions of its pool, so that no caller waits for each of them', async () => {
    const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
    for (const client of clients) client.release();
    proxy.silence();
    expect(await outcome(pool.query('select 1'))).toBeInstanceOf(ConnectionLost);
    const next = await Promise.all([1, 2, 3].map(() => outcome(pool.query('select 1'))));
    expect(next).toEqual(['done', 'done', 'done']);
  });

  it('a session without a response ends a transaction that waits for a COMMIT', async () => {
    const error = await outcome(
      inTransaction(pool, async (client) => {
        await client.query('update public.things set n = 1 where id = 1');
        proxy.silence();
      }),
    );
    expect(error).toBeInstanceOf(ConnectionLost);
    // What was not sent is not sent later: the server's side ends without it.
    expect(await outcome(pool.query('update public.things set n = n + 1 where id = 2'))).toBe('done');
  });

  it('a session that is given up leaves no statement behind that the operating system has yet to send', async () => {
    const client = await pool.connect();
    const pid = await pidOf(client);
    proxy.hold();
    // More than the receiver's buffer takes: the rest stays in the buffer of the sender.
    const statement = `update public.things set n = 7 where id = 1 -- ${'x'.repeat(600_000)}`;
    expect(await outcome(client.query(statement))).toBeInstanceOf(ConnectionLost);
    client.release(true);
    proxy.release();
    const open = `select from pg_stat_activity where pid = ${pid}`;
    while ((await owner.query(open)).rowCount !== 0) await sleep(10);
    expect((await owner.query('select n from public.things where id = 1')).rows).toEqual([{ n: 0 }]);
  });

  it('a session may be idle for longer, and a slow statement may take as long as its limit', async () => {
    const client = await pool.connect();
    const pid = await pidOf(client);
    await sleep(2 * RESPONSE_TIMEOUT_MS);
    await client.query('select pg_sleep(0.3)');
    await client.query('select pg_sleep(0.3)');
    expect(await pidOf(client)).toBe(pid);
    client.release();
  });

  it('a session is not given up when this process was busy while the response arrived', async () => {
    // Without the proxy, which is of this process and would be busy, too.
    const client = await openSession(home.url, { name: 'test', responseTimeoutMs: RESPONSE_TIMEOUT_MS });
    const pid = await pidOf(client);
    const answer = client.query('select pg_sleep(0.2)');
    await untilBusy();
    const until = performance.now() + 2 * RESPONSE_TIMEOUT_MS;
    while (performance.now() < until); // as a stopped process: the timer is due before the socket is read
    await answer;
    expect(await pidOf(client)).toBe(pid);
    await client.end();
  });

  it("a session lets the server end a slow statement, and is not given up before the server's own limit", async () => {
    const client = await openSession(home.url, { name: 'test', statementMs: 100 });
    const pid = await pidOf(client);
    expect(await outcome(client.query('select pg_sleep(60)'))).toMatchObject({ severity: 'ERROR', code: '57014' });
    expect(await pidOf(client)).toBe(pid);
    await client.end();
  });

  it('a session ends without a response of the server', async () => {
    const client = await openSession(proxy.url, { name: 'test' });
    proxy.silence();
    await client.end();
  });

  async function untilBusy(): Promise<void> {
    for (;;) {
      const { rowCount } = await owner.query(
        `select from pg_stat_activity where datname = current_database() and query like '%pg_sleep%' and state = 'active'
          and pid <> pg_backend_pid()`,
      );
      if (rowCount !== 0) return;
      await sleep(5);
    }
  }
});

describe('a stale session', () => {
  const read = { name: 'read', text: 'select * from public.things where id = 1' };
  const byTransaction = () => inTransaction(pool, (client) => client.query(read));
  const work = new Map<string, (client: pg.ClientBase) => Promise<unknown>>([
    ['a read-only session', (client) => client.query('update public.things set n = 1 where id = 1')],
    ['a cached plan of a column that changed', (client) => client.query(read)],
    ['a prepared statement that the server has forgotten', (client) => client.query(read)],
    ['a prepared statement that exists already', (client) => client.query({ ...read, name: 'other' })],
  ]);
  const spoil: Readonly<Record<string, (client: pg.ClientBase) => Promise<unknown>>> = {
    'a read-only session': (client) => client.query('set session characteristics as transaction read only'),
    'a cached plan of a column that changed': () => owner.query('alter table public.things alter column n type bigint'),
    'a prepared statement that the server has forgotten': (client) => client.query('deallocate all'),
    'a prepared statement that exists already': (client) => client.query('prepare other as select 1'),
  };

  it.each(Object.keys(spoil))('a session that is %s is replaced, and its error counts as transient', async (name) => {
    expect(await outcome(byTransaction())).toBe('done');
    const client = await pool.connect();
    const pid = await pidOf(client);
    await spoil[name]?.(client);
    client.release();
    const error = await outcome(inTransaction(pool, async (again) => work.get(name)?.(again)));
    expect(classifyFailure(error)).toBe('transient');
    const next = await pool.connect();
    expect(await pidOf(next)).not.toBe(pid);
    expect(await outcome(work.get(name)?.(next) ?? Promise.resolve())).toBe('done');
    next.release(true);
  });

  it('a session that was left in a failed transaction is replaced', async () => {
    const client = await pool.connect();
    const pid = await pidOf(client);
    await client.query('begin');
    await outcome(client.query('select 1 / 0'));
    client.release();
    const error = await outcome(inTransaction(pool, (again) => again.query(read)));
    expect(classifyFailure(error)).toBe('transient');
    const next = await pool.connect();
    expect(await pidOf(next)).not.toBe(pid);
    next.release();
  });

  it('a refused statement does not replace the session', async () => {
    const client = await pool.connect();
    const pid = await pidOf(client);
    client.release();
    const error = await outcome(inTransaction(pool, (again) => again.query('insert into public.things values (1, 1)')));
    expect(classifyFailure(error)).toBe('poison');
    const next = await pool.connect();
    expect(await pidOf(next)).toBe(pid);
    next.release();
  });
});

it('a server that is read-only by default is refused at login, unless the URL allows any server', async () => {
  await owner.query(`alter database ${new URL(home.url).pathname.slice(1)} set default_transaction_read_only = on`);
  expect(String(await outcome(openSession(home.url, { name: 'test' })))).toMatch('the server is read-only');
  const any = new URL(home.url);
  any.searchParams.set('target_session_attrs', 'any');
  const client = await openSession(any.href, { name: 'test' });
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});

describe('a URL with several hosts', () => {
  it('a URL with several hosts is served by the host that works, when others refuse or are silent', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const closedPort = (closed.address() as AddressInfo).port;
    closed.close();
    const url = new URL(home.url);
    const others = `127.0.0.1:${(silent.address() as AddressInfo).port},127.0.0.1:${closedPort}`;
    const several = home.url.replace(url.host, `${others},${url.host}`);
    const client = await openSession(several, { name: 'test' });
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    silent.close();
  });

  it('the error of a URL with several hosts names each host and its reason when none works', async () => {
    const url = new URL(home.url);
    await owner.query(`alter database ${url.pathname.slice(1)} set default_transaction_read_only = on`);
    const several = home.url.replace(url.host, `127.0.0.1:1,${url.host}`);
    const error = await outcome(openSession(several, { name: 'test' }));
    expect(String(error)).toMatch(`no host takes writes (127.0.0.1:1: `);
    expect(String(error)).toMatch(`${url.host} is read-only)`);
    expect(classifyFailure(error)).toBe('transient');
    const both = home.url.replace(url.host, `${url.host},${url.host}`);
    // A retry is pointless: callers fail at once.
    expect(classifyFailure(await outcome(openSession(both, { name: 'test' })))).toBe('unavailable');
  });
});
