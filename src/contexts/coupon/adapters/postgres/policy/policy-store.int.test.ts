import pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { countingIds } from '../../../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../../../../../platform/postgres/database.ts';
import { policyEvents } from '../../../application/policy/policy-events.ts';
import { policy } from '../../../test/policies.ts';
import { postgresPolicyStore } from './policy-store.ts';

const NOTE = { kind: 'TERMS', by: '1', reason: '' } as const;
let home: TestDatabase;
let database: Database;
let holder: pg.Client;
beforeEach(async () => {
  home = await testDatabase();
  // A node whose estimate is wrong by decades.
  database = openDatabase({ url: home.url, onError: () => {}, time: { estimate: () => 0 } });
  holder = new pg.Client({ connectionString: home.url });
  await holder.connect();
});
afterEach(async () => {
  await holder.end();
  await database.close();
  await home.drop();
});

const openStore = () =>
  postgresPolicyStore({ database, nextId: countingIds(1_000_000n), eventsOf: policyEvents, onEvents: () => {} });

it("a manual change is decided at the database's time after the lock, whatever the node estimates", async () => {
  const store = openStore();
  await store.insert(policy(1n));
  await holder.query('begin');
  await holder.query('select from coupon.coupon_policies where id = 1 for update');
  const decidedAt: number[] = [];
  const changing = store.change(1n, NOTE, (before, nowMs) => {
    decidedAt.push(nowMs);
    return before;
  });
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await vi.waitFor(async () => expect((await holder.query(waiting)).rowCount).toBe(1), { timeout: 60_000 });
  const { rows } = await holder.query<{ now: Date }>('select clock_timestamp() as now');
  await holder.query('commit');
  await changing;
  expect(decidedAt).toHaveLength(1);
  expect(decidedAt[0]).toBeGreaterThanOrEqual(rows[0]?.now.getTime() ?? Number.NaN);
});

it("a manual action is recorded at the database's time, with the policy as it is", async () => {
  const store = openStore();
  await store.insert(policy(1n));
  const time = async () => (await holder.query<{ now: Date }>('select clock_timestamp() as now')).rows[0]?.now ?? NaN;
  const from = await time();
  const id = await store.record(1n, { kind: 'DIRECT_ISSUE', by: '7', reason: 'an apology' });
  const until = await time();
  const { rows } = await holder.query(
    `select changed_at, id::text, policy_id::text, kind, changed_by, reason, version, max_issue_count, status
    from coupon.coupon_policy_changes`,
  );
  const { changed_at: changedAt, ...record } = rows[0];
  expect(+changedAt).toBeGreaterThanOrEqual(+from);
  expect(+changedAt).toBeLessThanOrEqual(+until);
  const { version, status, terms } = policy(1n);
  expect(record).toEqual({
    id: String(id),
    policy_id: '1',
    kind: 'DIRECT_ISSUE',
    changed_by: '7',
    reason: 'an apology',
    version,
    max_issue_count: terms.maxIssueCount ?? null,
    status,
  });
});
