import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { countingIds } from '../../../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../../../test/support/postgres.ts';
import { postgresProxy } from '../../../../../../test/support/postgres-proxy.ts';
import { HOUR_MS } from '../../../../../platform/kernel/durations.ts';
import { createNotifier } from '../../../../../platform/kernel/notifier.ts';
import { type Database, openDatabase } from '../../../../../platform/postgres/database.ts';
import { createRefusalCache } from '../../../application/issue/refusal-cache.ts';
import { policyEvents, statusEvents } from '../../../application/policy/policy-events.ts';
import { openAndEndPolicies } from '../../../application/scheduled/open-and-end-policies.ts';
import type { PolicyStatus } from '../../../domain/enumerations.ts';
import { NOW_MS, policy, terms } from '../../../test/policies.ts';
import { postgresPolicyStore } from './policy-store.ts';
import { postgresPolicyWindows } from './policy-windows.ts';

const log = pino({ level: 'silent' });
let test: TestDatabase;
let database: Database;
let nextId: () => bigint;
beforeEach(async () => {
  test = await testDatabase();
  nextId = countingIds(1_000_000n);
  database = open(test.url);
});
afterEach(async () => {
  await database.close();
  await test.drop();
});

const open = (url: string) => openDatabase({ url, onError: (error) => log.warn(error) });
const windows = (on = database) =>
  postgresPolicyWindows({
    database: on,
    nextId,
    eventsOf: (policy, status) => statusEvents(policy, [status]),
    onEvents: () => {},
  });
const store = () => postgresPolicyStore({ database, nextId, eventsOf: policyEvents, onEvents: () => {} });
const insert = (id: bigint, status: PolicyStatus, fromMs: number, untilMs: number) =>
  store().insert(
    policy(id, { status, terms: terms({ validFrom: new Date(fromMs), validUntil: new Date(untilMs) }), version: 3 }),
  );
/** More policies like the first. */
const copies = (more: number) =>
  database.pool.query(
    `insert into coupon.coupon_policies
     select (jsonb_populate_record(p, jsonb_build_object('id', p.id + n))).*
     from coupon.coupon_policies p, generate_series(1, $1::int) n where p.id = 1`,
    [more],
  );
const statuses = async () =>
  Object.fromEntries(
    (await database.pool.query('select id, status from coupon.coupon_policies order by id')).rows.map(
      ({ id, status }) => [String(id), status],
    ),
  );

/** Published topics in order, with the id of each policy. */
async function events(): Promise<string[]> {
  const { rows } = await database.pool.query<{ payload: string }>('select payload from platform.outbox order by id');
  return rows.flatMap(({ payload }) =>
    (JSON.parse(payload) as { topic: string; common: { policyId: string } }[]).map(
      ({ topic, common }) => `${topic} ${common.policyId}`,
    ),
  );
}

it('due policies open and end at the millisecond, each with its event', async () => {
  await insert(1n, 'PENDING', NOW_MS, NOW_MS + 1);
  await insert(2n, 'PENDING', NOW_MS + 1, NOW_MS + HOUR_MS);
  await insert(3n, 'ACTIVE', NOW_MS - HOUR_MS, NOW_MS);
  await insert(4n, 'EXHAUSTED', NOW_MS - HOUR_MS, NOW_MS + 1);
  await insert(5n, 'PAUSED', NOW_MS - HOUR_MS, NOW_MS);
  // Its whole window passed while no task ran.
  await insert(6n, 'PENDING', NOW_MS - HOUR_MS, NOW_MS - 1);
  await database.pool.query('delete from platform.outbox');
  expect(await windows().nextAt()).toBe(NOW_MS - HOUR_MS);
  expect(await windows().applyDueTransitions(new Date(NOW_MS), 100)).toEqual([1n, 3n, 5n, 6n]);
  expect(await statuses()).toEqual({ 1: 'ACTIVE', 2: 'PENDING', 3: 'ENDED', 4: 'EXHAUSTED', 5: 'ENDED', 6: 'ENDED' });
  expect(await events()).toEqual([
    'coupon-policy.activated 1',
    'coupon-policy.ended 3',
    'coupon-policy.ended 5',
    'coupon-policy.ended 6',
  ]);
  expect(await windows().nextAt()).toBe(NOW_MS + 1);
  expect(await windows().applyDueTransitions(new Date(NOW_MS), 100)).toEqual([]);
});

it('a transition records the clock as its author and keeps the version', async () => {
  await insert(1n, 'PENDING', NOW_MS, NOW_MS + HOUR_MS);
  await windows().applyDueTransitions(new Date(NOW_MS), 100);
  const { rows } = await database.pool.query(
    'select policy_id, kind, changed_by, reason, version, status, changed_at from coupon.coupon_policy_changes',
  );
  expect(rows).toEqual([
    {
      policy_id: 1n,
      kind: 'STATUS',
      changed_by: 'clock',
      reason: 'WINDOW_OPENED',
      version: 3,
      status: 'ACTIVE',
      changed_at: new Date(NOW_MS),
    },
  ]);
  expect(await store().find(1n)).toMatchObject({ version: 3, status: 'ACTIVE' });
});

it('each policy is changed once, however many nodes run at the same time', async () => {
  await insert(1n, 'PENDING', NOW_MS, NOW_MS + HOUR_MS);
  await copies(39);
  await database.pool.query('delete from platform.outbox');
  const nodes = [open(test.url), open(test.url), open(test.url)];
  const applied = await Promise.all(
    nodes.flatMap((node) => [1, 2].map(() => windows(node).applyDueTransitions(new Date(NOW_MS), 30))),
  );
  await Promise.all(nodes.map((node) => node.close()));
  const last = await windows().applyDueTransitions(new Date(NOW_MS), 100);
  expect([...applied.flat(), ...last].length).toBe(40);
  expect((await events()).length).toBe(40);
});

it('the task applies all transitions in batches, and stops between two of them', async () => {
  await insert(1n, 'PENDING', NOW_MS, NOW_MS + HOUR_MS);
  await copies(449);
  const deps = { refusalCache: createRefusalCache(), now: () => NOW_MS, changed: createNotifier() };
  const stopping = new AbortController();
  const stopped = openAndEndPolicies({
    ...deps,
    windows: {
      ...windows(),
      applyDueTransitions: (now, limit) => {
        stopping.abort();
        return windows().applyDueTransitions(now, limit);
      },
    },
  });
  expect(await stopped.run(stopping.signal)).toBe(200);
  const job = openAndEndPolicies({ ...deps, windows: windows() });
  expect(await job.run(new AbortController().signal)).toBe(250);
  expect(await job.run(new AbortController().signal)).toBe(0);
});

it.each(['answer lost', 'request lost'] as const)('a COMMIT with its %s is looked up', async (what) => {
  await insert(1n, 'PENDING', NOW_MS, NOW_MS + HOUR_MS);
  await database.pool.query('delete from platform.outbox');
  const proxy = await postgresProxy(test.url);
  const cut = open(proxy.url);
  proxy.atNextCommit(what);
  const applied = windows(cut).applyDueTransitions(new Date(NOW_MS), 100);
  if (what === 'answer lost') expect(await applied).toEqual([1n]);
  else await expect(applied).rejects.toThrow('COMMIT');
  await windows(cut).applyDueTransitions(new Date(NOW_MS), 100);
  expect(await events()).toEqual(['coupon-policy.activated 1']);
  await cut.close();
  await proxy.close();
});
