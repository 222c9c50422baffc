import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { dropDatabase, execute, withDatabaseName } from '../../../test/support/postgres-admin.ts';
import { assertContextsHere } from '../../platform/postgres/context-moves.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { migrationFolders } from '../migrations.ts';
import { type Move, type MoveStep, moveContext } from './move-context.ts';
import { PLATFORM_ROWS } from './platform-rows.ts';

let source: TestDatabase;
let from: pg.Client;
let to: { readonly url: string; readonly name: string };
let third: typeof to;
beforeEach(async () => {
  source = await testDatabase();
  from = await connect(source.url);
  to = await emptyDatabase();
  third = await emptyDatabase();
  await from.query(FILL);
});
afterEach(async () => {
  await from.end();
  await source.drop();
  for (const { name } of [to, third]) await dropDatabase(inject('postgresUrl'), name);
});

async function emptyDatabase(): Promise<typeof to> {
  const name = `move_${randomBytes(6).toString('hex')}`;
  await execute(inject('postgresUrl'), `create database ${name}`);
  return { name, url: withDatabaseName(inject('postgresUrl'), name) };
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
async function read<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = await connect(url);
  return (await client.query<Row>(text).finally(() => client.end())).rows;
}
const move = (changes: Partial<Move> = {}) =>
  moveContext({ context: 'coupon', from: source.url, to: to.url, ...changes });

const FILL = `
  insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
    select n, 7, 100 + n, n, 0, '2026-01-15 10:00:00.123Z', now() from generate_series(1, 2000) as n;
  insert into coupon.coupon_reservations (id, coupon_id, user_id, order_id, order_amount, discount_amount, status, reserved_at, expires_at)
    values ('SERVICE:1:' || E'a\\ttab\\\\ and\\nline', 1, 101, null, 1000, 100, 'CONFIRMED', now(), now());
  insert into platform.inbox (consumer, source, seen) values ('coupon.payments', 'a-1', '{[0,3)}'), ('order.payments', 'a-1', '{[0,3)}');
  insert into platform.dead_letters (consumer, event_id, topic, key, event, reason)
    values ('coupon.payments', '0123456789abcdef-1:0', 'payment.completed', 'k', '{"a": 1}', 'r'), ('order.payments', '1:0', 'payment.completed', 'k', '{}', 'r');
  insert into platform.published_events values ('coupon.issued', '7', 2000), ('order.placed', '*', 5);
  insert into platform.shards values ('coupon', 1, '2'), ('point', 0, '2');
  insert into platform.command_results (scope, key, request_hash, result) values ('u1 Coupons_issue', 'k', '\\x00ff', '\\x0102');
  update platform.node_leases set ids_until_ms = 777 where node = 300`;

const AT_TARGET = `select (select count(*)::int from coupon.coupon_issues) as coupons,
  (select array_agg(consumer) from platform.inbox) as inbox, (select array_agg(consumer) from platform.dead_letters) as letters,
  (select json_agg(p) from platform.published_events as p) as published, (select json_agg(s) from platform.shards as s) as shards, (select encode(result, 'hex') from platform.command_results) as result,
  (select ids_until_ms::int from platform.node_leases where node = 300) as ids,
  (select id from coupon.coupon_reservations) as reservation, (select min(issued_at)::timestamptz(6) = '2026-01-15 10:00:00.123Z' from coupon.coupon_issues) as exact`;
const MOVED = {
  coupons: 2000,
  inbox: ['coupon.payments'],
  letters: ['coupon.payments'],
  published: [{ topic: 'coupon.issued', key: '7', events: 2000 }],
  shards: [{ context: 'coupon', shard: 1, eras: '2' }],
  result: '0102',
  ids: 777,
  reservation: 'SERVICE:1:a\ttab\\ and\nline',
  exact: true,
};

test('every table of the platform is listed with what becomes of its rows', async () => {
  const { rows } = await from.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'platform'::regnamespace and relkind = 'r'",
  );
  expect(Object.keys(PLATFORM_ROWS).toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
});

test('a context moves with its rows of the platform, and what others have stays', async () => {
  const moved = await move();
  expect(moved).toContainEqual({ table: 'coupon.coupon_issues', rows: 2000 });
  expect(await read(to.url, AT_TARGET)).toEqual([MOVED]);
  const left =
    await from.query(`select to_regnamespace('coupon') as coupon, (select count(*)::int from coupon_moved.coupon_issues) as kept,
    (select array_agg(consumer) from platform.dead_letters) as letters`);
  expect(left.rows).toEqual([{ coupon: null, kept: 2000, letters: ['order.payments'] }]);
});

test('numbers that the database gives go on after those of the rows that moved', async () => {
  const add = `insert into notification.delivery_batches (user_ids, numbers) values ('{1}', '{1}') returning id`;
  await from.query(add);
  const before = await from.query<{ id: string }>(add);
  await move({ context: 'notification' });
  const [after] = await read<{ id: string }>(to.url, add);
  expect(BigInt(after?.id ?? 0)).toBe(BigInt(before.rows[0]?.id ?? 0) + 1n);
});

test('no process starts with the context on the old database, and those with other contexts do', async () => {
  await move();
  await expect(migrate(source.url, migrationFolders())).rejects.toThrow(/^coupon has moved .* Set COUPON_DATABASE_URL/);
  await migrate(source.url, migrationFolders({ parts: new Set(['order', 'point']) }));
  await migrate(to.url, migrationFolders({ parts: new Set(['coupon']) }));
});

test('a context moves to a database with other contexts, and back', async () => {
  await migrate(to.url, migrationFolders({ parts: new Set(['point']) }));
  await move();
  const target = await connect(to.url);
  await target
    .query(`insert into platform.published_events values ('coupon.reserved', '7', 1);
      insert into platform.command_results (scope, key, request_hash, result) values ('u2 Coupons_issue', 'k', '\\x00ff', '\\x0304')`)
    .finally(() => target.end());
  // The key was used again after it had expired.
  await from.query(`insert into platform.command_results (scope, key, request_hash, result, expires_at)
    values ('u2 Coupons_issue', 'k', '\\x00ee', '\\x05', now() - interval '1 s')`);
  await move({ from: to.url, to: source.url });
  const { rows: kept } = await from.query(
    "select encode(result, 'hex') as result from platform.command_results order by 1",
  );
  expect(kept).toEqual([{ result: '0102' }, { result: '0304' }]);
  expect((await from.query('select count(*)::int as coupons from coupon.coupon_issues')).rows).toEqual([
    { coupons: 2000 },
  ]);
  expect((await from.query('select topic from platform.published_events order by 1')).rows).toHaveLength(3);
  await migrate(source.url, migrationFolders());
  await expect(move()).rejects.toThrow(/drop schema coupon_moved cascade/);
  await from.query('drop schema coupon_moved cascade');
  expect(await move()).toContainEqual({ table: 'coupon.coupon_issues', rows: 2000 });
});

test('what an unfinished move left in a third database is neither the context nor deleted by the move of another one', async () => {
  const dies = (step: MoveStep) => {
    if (step === 'ARRIVED') throw new Error('killed');
  };
  await expect(move({ to: third.url, onStep: dies })).rejects.toThrow('killed');
  await move();
  await expect(move({ to: third.url })).rejects.toThrow(/has left this database already, and not to the one of --to/);
  await expect(migrate(third.url, migrationFolders())).rejects.toThrow(/has not arrived/);
  await expect(move({ from: to.url, to: third.url })).rejects.toThrow(/from a third database .* has not ended/);
  expect(await read(third.url, 'select count(*)::int as coupons from coupon.coupon_issues')).toEqual([
    { coupons: 2000 },
  ]);
});

describe.each<MoveStep>(['PREPARED', 'LOCKED', 'COPIED', 'ARRIVED', 'LEFT'])(
  'a move that dies when it has %s',
  (died) => {
    test('a move that dies has the context in one database, and the same call completes it', async () => {
      const dies = (step: MoveStep) => {
        if (step === died) throw new Error('killed');
      };
      await expect(move({ onStep: dies })).rejects.toThrow('killed');
      const target = await connect(to.url);
      const isMoved = died === 'LEFT';
      const atSource = assertContextsHere(from, ['coupon']);
      if (isMoved) await expect(atSource).rejects.toThrow('has moved');
      else await atSource;
      if (died === 'ARRIVED' || isMoved) {
        await expect(assertContextsHere(target, ['coupon'])).rejects.toThrow('has not arrived');
      }
      await target.end();
      // The old database goes on while it has the context.
      if (!isMoved)
        await from.query(
          'update coupon.coupon_issues set user_id = 5 where id = 1; delete from coupon.coupon_issues where id = 2000',
        );
      const moved = await move();
      expect(moved === undefined).toBe(isMoved);
      expect(await read(to.url, AT_TARGET)).toEqual([{ ...MOVED, coupons: isMoved ? 2000 : 1999 }]);
      expect(await read(to.url, 'select user_id::int as user from coupon.coupon_issues where id = 1')).toEqual([
        { user: isMoved ? 101 : 5 },
      ]);
      await migrate(to.url, migrationFolders({ parts: new Set(['coupon']) }));
      await expect(migrate(source.url, migrationFolders())).rejects.toThrow('has moved');
      expect(await move()).toBeUndefined();
    });
  },
);

test.each([
  [
    'while a process works with the database',
    "update platform.node_leases set holder = gen_random_uuid(), expires_at = now() + interval '30 s' where node = 3",
    /^Processes that work with this database: 1. Stop them; .* for (29|30) s more/,
  ],
  [
    'while events wait in the outbox',
    "insert into platform.outbox (id, topics, payload, events) values (1, '{coupon.issued}', '[]', 1)",
    /^1 rows of events wait in the outbox. Set KAFKA_BROKERS/,
  ],
])('a move is refused %s, and changes nothing', async (_, change, refusal) => {
  await from.query(change);
  await expect(move()).rejects.toThrow(refusal);
  await assertContextsHere(from, ['coupon']);
});

test('a move is refused to the same database, and to one that has rows of the context', async () => {
  await expect(move({ to: source.programUrl })).rejects.toThrow(/is in that database/);
  await migrate(to.url, migrationFolders({ parts: new Set(['coupon']) }));
  const target = await connect(to.url);
  await target
    .query(
      'insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at) values (1, 1, 1, 1, 0, now(), now())',
    )
    .finally(() => target.end());
  await expect(move()).rejects.toThrow(/has rows of coupon already, in coupon.coupon_issues/);
});

test('a dry run says what would move, and moves nothing', async () => {
  const would = await move({ dryRun: true });
  expect(would).toContainEqual({ table: 'coupon.coupon_issues', rows: 2000 });
  expect(would).toContainEqual({ table: 'platform.inbox', rows: 1 });
  expect(await read(to.url, "select to_regnamespace('platform') as platform")).toEqual([{ platform: null }]);
});

test('what arrives in another form than it left stops the move', async () => {
  await move({
    onStep: async (step) => {
      if (step !== 'PREPARED') return;
      const target = await connect(to.url);
      await target
        .query(`create function coupon.changed() returns trigger language plpgsql as 'begin new.user_id := 0; return new; end';
          create trigger changed before insert on coupon.coupon_issues for each row when (new.id = 7) execute function coupon.changed()`)
        .finally(() => target.end());
    },
  }).then(
    () => expect.unreachable(),
    (error: Error) => expect(error.message).toMatch(/^coupon.coupon_issues did not arrive as it was: 2000 rows/),
  );
  await assertContextsHere(from, ['coupon']);
});
