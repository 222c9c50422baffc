// @module-tag rows
// Sessions that were opened to a read-only server (stale DNS or a balancer during a failover) must not stay in the pools.
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failureOf } from '../../src/platform/events/handler-failure.ts';
import { classifyFailure } from '../../src/platform/postgres/batch-transaction.ts';
import { openPolicy, type Stage, stage, until } from '../attacks/support.ts';

let on: Stage;
let owner: pg.Client;
beforeAll(async () => {
  on = await stage();
  owner = new pg.Client({ connectionString: on.database.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await on.stop();
});

const PAYMENT = JSON.stringify([
  {
    topic: 'payment.failed.v1',
    source: 'x',
    keyField: 'orderId',
    common: {},
    columns: ['paymentId', 'orderId', 'userId', 'reason'],
    rows: [['p', 'o-1', '5', 'no']],
  },
]);
const count = async (query: string): Promise<number> => (await owner.query<{ n: number }>(query)).rows[0]?.n ?? 0;
const outboxRows = () => count('select count(*)::int as n from platform.outbox');

it('commands get 503 while new sessions are read-only; afterwards they succeed and no event is a dead letter', async () => {
  const policyId = await openPolicy(on);
  const issue = async (user: number) =>
    (await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(String(user)) })).status;
  expect(await issue(10)).toBe(201);
  const name = new URL(on.database.url).pathname.slice(1);
  const program = new pg.Client({ connectionString: on.database.programUrl });
  await program.connect();
  await owner.query(`alter database ${name} set default_transaction_read_only = on`);
  await program.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name in ('stampede', 'stampede-lane', 'stampede-jobs') and pid <> pg_backend_pid()`,
  );
  await program.end();
  await owner.query(
    `insert into platform.outbox (id, topics, payload, events) values (extract(epoch from clock_timestamp()) * 1000, '{payment.failed.v1}', $1, 1)`,
    [PAYMENT],
  );
  for (let user = 100; user < 105; user++) expect(await issue(user)).toBe(503);
  await owner.query(`alter database ${name} reset default_transaction_read_only`);
  await until(async () => (await issue(200)) === 201);
  await until(async () => (await outboxRows()) === 0);
  expect(await count('select count(*)::int as n from platform.dead_letters')).toBe(0);
});

it('an error of a read-only session counts as an outage', () => {
  const error = Object.assign(new Error('cannot execute UPDATE'), { severity: 'ERROR', code: '25006' });
  expect([classifyFailure(error), failureOf(error)]).toEqual(['transient', 'outage']);
});
