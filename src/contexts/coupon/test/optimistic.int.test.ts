import fc from 'fast-check';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { type AtCommit, postgresProxy } from '../../../../test/support/postgres-proxy.ts';
import { Replay } from '../../../platform/kernel/command-key.ts';
import { RolledBack } from '../../../platform/postgres/batch-transaction.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import { postgresIssueStore } from '../adapters/postgres/issue/issue-store.ts';
import { issueEvents } from '../application/issue/issue-events.ts';
import type { IssueStore } from '../application/issue/ports.ts';
import { decideIssues, type IssueOutcome } from '../domain/issue/issue.ts';
import { changeQuantity } from '../domain/policy/policy.ts';
import { nodeOver } from './open-stores.ts';
import { ask, NOW_MS, policy, terms } from './policies.ts';

type Node = ReturnType<typeof nodeOver>;

let home: TestDatabase;
let nextId: () => bigint;
let node: Node;
let client: pg.Client;
beforeEach(async () => {
  home = await testDatabase();
  nextId = countingIds(1_000n);
  node = nodeOver(home.url, nextId, undefined, { optimistic: true });
  client = new pg.Client({ connectionString: home.url });
  await client.connect();
  await node.store.insert(policy(1n, { terms: terms({ maxIssueCount: 1_000 }) }));
});
afterEach(async () => {
  await client.end();
  await node.database.close();
  await home.drop();
});

const issue = (users: readonly number[], store: IssueStore = node.store) => {
  const commands = users.map((user) => ask(1n, BigInt(user)));
  return store.issueBatch(commands, (seen) => decideIssues(seen, commands, NOW_MS, nextId));
};
const path = async (...users: number[]) => (await issue(users)).path;
const codeOf = (outcome: IssueOutcome) =>
  outcome.kind === 'issued'
    ? `issued ${outcome.coupon.sequenceNo}`
    : `${outcome.refusal.code} ${outcome.refusal.details['sequenceNo'] ?? ''}`;

/** The coupons, and the counts of the policy and the events. */
async function stored() {
  const { rows } = await client.query<{
    users: string;
    sequences: string;
    counted: number;
    last: number;
    events: number;
  }>(`
    select (select string_agg(user_id::text, ' ' order by sequence_no) from coupon.coupon_issues) as users,
      (select string_agg(sequence_no::text, ' ' order by sequence_no) from coupon.coupon_issues) as sequences,
      current_issue_count as counted, last_sequence_no as last,
      (select coalesce(sum((tally->'coupon.issued'->>'1')::int), 0)::int from platform.outbox) as events
    from coupon.coupon_policies where id = 1`);
  return rows[0];
}
const soundWith = (...users: number[]) => ({
  users: users.join(' '),
  sequences: users.map((_, index) => index + 1).join(' '),
  counted: users.length,
  last: users.length,
  events: users.length,
});

it('a batch after a locked one is issued by one statement and writes the same rows', async () => {
  expect([await path(1, 2), await path(3), await path(4, 5)]).toEqual(['locked', 'optimistic', 'optimistic']);
  expect(await stored()).toEqual(soundWith(1, 2, 3, 4, 5));
});

it('a batch is issued under the lock when a user holds a coupon, is refused, or has a code', async () => {
  await path(1);
  expect(await path(2, 1)).toBe('locked');
  await new Promise((resume) => setTimeout(resume, 150));
  expect(await path(3, 3)).toBe('locked');
  const coded = [ask(1n, 4n, { code: 'X' })];
  expect((await node.store.issueBatch(coded, (seen) => decideIssues(seen, coded, NOW_MS, nextId))).path).toBe('locked');
  expect(await path(5)).toBe('optimistic');
});

it('a batch fails, instead of being issued under the lock, when it violates another unique index than that of the limit', async () => {
  await path(1);
  const copied = nextId() + 2n;
  await client.query(
    `insert into coupon.coupon_issues
     select (jsonb_populate_record(c, jsonb_build_object('id', $1::bigint, 'policy_id', 2))).* from coupon.coupon_issues c`,
    [copied],
  );
  await expect(path(2)).rejects.toMatchObject({ constraint: 'coupon_issues_pkey' });
  await client.query('delete from coupon.coupon_issues where id = $1', [copied]);
  expect(await path(2)).toBe('locked');
  expect(await stored()).toEqual(soundWith(1, 2));
});

it.each([
  'refusal_epoch = refusal_epoch + 1',
  'version = version + 1',
  'fence = fence + 1',
  "status = 'PAUSED'",
  'max_issue_count = 1',
  'max_issue_per_user = 2',
  'former_issue_per_user = 2',
  "valid_until = valid_from + interval '1 minute'",
  "valid_from = valid_from - interval '1 minute'",
  'last_sequence_no = last_sequence_no + 1',
])('the statement writes nothing once the policy has %s', async (change) => {
  await path(1);
  await client.query(`update coupon.coupon_policies set ${change} where id = 1`);
  expect(await path(2)).toBe('locked');
});

it('a command with a key is issued under the lock, so that its repeat is a replay', async () => {
  await path(1);
  const commandKey = { scope: 'scope', key: 'key', requestHash: Buffer.from('hash') };
  const keyed = [{ ...ask(1n, 2n), idempotency: { commandKey, resultOf: () => Buffer.from('kept') } }];
  const once = () => node.store.issueBatch(keyed, (seen, _nowMs, fresh) => decideIssues(seen, fresh, NOW_MS, nextId));
  expect((await once()).path).toBe('locked');
  expect((await once()).outcomes).toEqual([new Replay(Buffer.from('kept'))]);
});

it('a policy whose limit per user was ever above 1 is issued under the lock', async () => {
  await client.query('update coupon.coupon_policies set former_issue_per_user = 2 where id = 1');
  expect([await path(1), await path(2), await path(3)]).toEqual(['locked', 'locked', 'locked']);
});

it('the statement writes nothing when it starts more than 2 s after its decision', async () => {
  let aheadMs = 0;
  const time = { estimate: () => Date.now() + aheadMs };
  const database = openDatabase({ url: home.url, onError: () => {}, time });
  const store = postgresIssueStore(
    { database, nextId, eventsOf: issueEvents, onEvents: () => {} },
    { optimistic: true },
  );
  await issue([1], store);
  expect((await issue([2], store)).path).toBe('optimistic');
  aheadMs = 5_000;
  expect((await issue([3], store)).path).toBe('locked');
  await database.close();
  expect(await stored()).toEqual(soundWith(1, 2, 3));
});

it('the statement compares the row as it is after waiting for the lock', async () => {
  await path(1);
  await client.query('begin');
  await client.query('update coupon.coupon_policies set refusal_epoch = refusal_epoch + 1 where id = 1');
  const waiting = path(2);
  await new Promise((resume) => setTimeout(resume, 200));
  await client.query('commit');
  expect(await waiting).toBe('locked');
  expect(await stored()).toEqual(soundWith(1, 2));
});

describe('a statement without a response', () => {
  it.each([
    ['answer lost after the commit', 'optimistic'],
    ['request lost', RolledBack],
  ] as const)('an optimistic statement without a response has its effect once (%s)', async (how, expected) => {
    const proxy = await postgresProxy(home.url);
    const behind = nodeOver(proxy.url, nextId, undefined, { optimistic: true });
    await issue([1], behind.store);
    proxy.atNextCommit(how as AtCommit);
    const settled = await issue([2], behind.store).then(
      (issued) => issued.path,
      (error: unknown) => (error as Error).constructor,
    );
    expect(settled).toBe(expected);
    if (settled !== 'optimistic') expect((await issue([2], behind.store)).path).toBe('locked');
    await behind.database.close();
    await proxy.close();
    expect(await stored()).toEqual(soundWith(1, 2));
  });

  it('a lost statement has no effect when it starts after its coupons were looked up', async () => {
    const proxy = await postgresProxy(home.url);
    const behind = nodeOver(proxy.url, nextId, undefined, { optimistic: true });
    await issue([1], behind.store);
    const { rows } = await client.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'stampede-lane' and datname = current_database()",
    );
    for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
    try {
      // The PostgreSQL process has received the statement but not read it; the node's connection breaks.
      proxy.atNextCommit('answer lost');
      await expect(issue([2], behind.store)).rejects.toThrow(RolledBack);
    } finally {
      for (const { pid } of rows) process.kill(pid, 'SIGCONT');
    }
    // The process ends after it has read the end of its connection; everything before that has been executed.
    for (const { pid } of rows) {
      while ((await client.query('select 1 from pg_stat_activity where pid = $1', [pid])).rowCount !== 0);
    }
    expect(await stored()).toEqual(soundWith(1));
    expect((await issue([2], behind.store)).path).toBe('locked');
    await behind.database.close();
    await proxy.close();
    expect(await stored()).toEqual(soundWith(1, 2));
  });
});

type Step = { readonly node: 0 | 1; readonly users: readonly number[] } | { readonly more: number };
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        node: fc.constantFrom(0 as const, 1 as const),
        users: fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ more: fc.integer({ min: 1, max: 5 }) }) },
  ),
  { minLength: 5, maxLength: 25 },
);

it('optimistic batches give the same outcomes and coupons as locked ones for the same history', async () => {
  let policyId = 100n;
  const others = {
    optimistic: [node, nodeOver(home.url, nextId, undefined, { optimistic: true })],
    locked: [nodeOver(home.url, nextId), nodeOver(home.url, nextId)],
  } as const;
  let guessed = 0;
  async function play(nodes: readonly Node[], history: readonly Step[]): Promise<readonly string[]> {
    const id = policyId++;
    const [first] = nodes;
    await first?.store.insert(policy(id, { terms: terms({ maxIssueCount: 12 }) }));
    const results: string[] = [];
    for (const step of history) {
      if ('more' in step) {
        const note = { kind: 'QUANTITY', by: '1', reason: '' } as const;
        await first?.store.change(id, note, (it) => changeQuantity(it, (it.terms.maxIssueCount ?? 0) + step.more));
        continue;
      }
      const commands = step.users.map((user) => ask(id, BigInt(user)));
      const issued = await nodes[step.node]?.store.issueBatch(commands, (seen) =>
        decideIssues(seen, commands, NOW_MS, nextId),
      );
      if (issued?.path === 'optimistic') guessed += 1;
      results.push(...(issued?.decision.outcomes ?? []).map(codeOf));
    }
    const { rows } = await client.query<{ row: string }>(
      `select user_id || ' ' || sequence_no || ' ' || slot as row from coupon.coupon_issues where policy_id = $1 order by 1`,
      [id],
    );
    return [...results, ...rows.map(({ row }) => row)];
  }
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      expect(await play(others.optimistic, history)).toEqual(await play(others.locked, history));
    }),
    { numRuns: 25 },
  );
  // The histories are random, and most of their steps need the lock: it is enough that the one statement took part.
  expect(guessed).toBeGreaterThan(0);
  for (const { database } of [others.optimistic[1], ...others.locked]) await database.close();
});
