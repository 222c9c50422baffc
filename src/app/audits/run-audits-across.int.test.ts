import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { freePort } from '../../platform/postgres/embedded/free-port.ts';
import { type Databases, oneDatabase } from '../databases.ts';
import { AUDITS } from './audit-list.ts';
import { runAudits } from './run-audits.ts';
import type { AuditOptions } from './run-audits-across.ts';

let coupons: TestDatabase;
let others: TestDatabase;
beforeEach(async () => {
  [coupons, others] = await Promise.all([testDatabase(), testDatabase()]);
});
afterEach(async () => {
  await coupons.drop();
  await others.drop();
});

const system = () => ({ ...oneDatabase(others.programUrl), coupon: coupons.programUrl });
const across = (options: Partial<AuditOptions> = {}, databases: Databases = system()) =>
  runAudits(databases, {}, { settleMs: 10, ...options });

async function execute({ url }: TestDatabase, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

test('an audit of several databases reports the audits of one, in their order, with the login of the program', async () => {
  const report = await across();
  expect(report).toMatchObject({ ok: true, databases: 2 });
  const one = await runAudits(others.programUrl, {});
  expect(report.audits.map(({ name }) => name)).toEqual(one.audits.map(({ name }) => name));
  expect(report.audits.map(({ figures }) => figures)).toEqual(one.audits.map(({ figures }) => figures));
});

test('a dead letter in any database is a violation, and one of a database with two URLs counts once', async () => {
  const letter = `insert into platform.dead_letters (consumer, event_id, topic, key, event, reason) values ('c', 'e', 't', 'k', '{}', 'r')`;
  await execute(coupons, letter);
  await execute(others, letter);
  const databases = { ...system(), point: others.url };
  const report = await across({ audits: AUDITS.filter(({ kind }) => kind === 'DATABASE') }, databases);
  expect(report).toMatchObject({ ok: false, databases: 2 });
  expect(report.audits).toMatchObject([{ figures: { letters: 2, broken: 2 }, ok: false }]);
  expect(report.audits[0]?.violations).toHaveLength(2);
});

test('an audit of databases of which two are away names both, and what to do', async () => {
  const away = `postgres://127.0.0.1:${await freePort()}/none`;
  const missing = others.programUrl.replace(/\w+$/, `missing_${randomBytes(4).toString('hex')}`);
  const databases = { ...system(), coupon: away, point: missing };
  await expect(across({}, databases)).rejects.toThrow(
    /^The database of coupon: .*ECONNREFUSED.*Start that PostgreSQL or correct its URL\.\nThe database of point: .*does not exist/,
  );
});

test('an audit ends with a clear error when a database goes away between the looks', async () => {
  await execute(coupons, RESERVATION);
  const onWait = () => coupons.drop();
  // The owner may end sessions of its own only.
  const databases = { ...oneDatabase(others.url), coupon: coupons.url };
  await expect(across({ onWait }, databases)).rejects.toThrow(
    /^The database of coupon: .* Start that PostgreSQL or correct its URL\.$/,
  );
});

test('an audit does not start on a database without the tables of its context', async () => {
  await execute(coupons, 'alter schema coupon rename to elsewhere');
  await expect(across()).rejects.toThrow(/^The database of coupon has no tables of coupon/);
});

test('an audit of several databases can write to none of them', async () => {
  const writes = {
    heading: 'test',
    kind: 'DATABASE',
    audit: {
      name: 'writes',
      run: async (snapshot: pg.ClientBase) => {
        await snapshot.query('commit');
        await snapshot.query('delete from platform.outbox');
        return { ok: true, figures: {}, violations: [] };
      },
    },
  } as const;
  await expect(across({ audits: [writes as never] })).rejects.toThrow(/read-only transaction/);
});

const RESERVATION = `insert into coupon.coupon_reservations (id, coupon_id, user_id, order_id, order_amount, discount_amount, status, reserved_at, expires_at)
  values ('CHECKOUT:7:order:8', 9, 7, '8', 1000, 100, 'CONFIRMED', now(), now())`;
const STATISTICS = AUDITS.filter(({ kind }) => kind === 'STATISTICS');
const HOUR = `insert into statistics.hourly values (7, '2026-01-15T00:00:00Z', '2026-01-15', 9, null, 10, 0, 0, 0, 0, 0, 0, 0, false)`;

test('statistics that count what the coupons of another database do not have are a violation when both stay so', async () => {
  await execute(others, HOUR);
  const report = await across({ audits: STATISTICS });
  expect(report.audits).toMatchObject([
    { ok: false, figures: { broken: 1 }, violations: ['policy 7 on 2026-01-15, hour 9: issued 10, recounted 0'] },
  ]);
});

test.each([
  ['healed', 'delete from statistics.hourly'],
  ['changing', 'update statistics.hourly set issued = 11'],
])('a difference of statistics that is %s between the looks is not reported', async (_, change) => {
  await execute(others, HOUR);
  const report = await across({ audits: STATISTICS, onWait: () => execute(others, change) });
  expect(report.audits).toMatchObject([{ ok: true, violations: [] }]);
});
