import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../../../../test/support/postgres-proxy.ts';
import { type Batcher, createBatcher } from '../../../platform/batching/batcher.ts';
import { isRefusal } from '../../../platform/kernel/refusal.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import { decideIssues, type IssueCommand, type IssueOutcome, type IssueSnapshot } from '../domain/issue/issue.ts';
import { changeTerms } from '../domain/policy/policy.ts';
import { couponStoreSuite } from './coupon-store-suite.ts';
import { nodeOver, STORES } from './open-stores.ts';
import { ask, NOW_MS, policy, terms } from './policies.ts';

describe.each(STORES)('a coupon store on %s', (_, open) => couponStoreSuite(open));

describe('a coupon store on PostgreSQL alone', () => {
  let home: TestDatabase;
  let opened: ReturnType<typeof nodeOver>;
  let nextId: () => bigint;
  beforeEach(async () => {
    home = await testDatabase();
    nextId = countingIds(1_000n);
    opened = nodeOver(home.url, nextId);
  });
  afterEach(async () => {
    await opened.database.close();
    await home.drop();
  });
  const issue = (commands: readonly IssueCommand[]) =>
    opened.store.issueBatch(commands, (seen) => decideIssues(seen, commands, NOW_MS, nextId));
  const rows = async (query: string) => (await opened.database.pool.query(query)).rows;

  it('a batch writes one row of events, with every coupon and the status of the policy', async () => {
    await opened.store.insert(policy(1n, { terms: terms({ maxIssueCount: 2 }), status: 'PENDING' }));
    const commands = [7n, 8n, 9n].map((userId) => ask(1n, userId));
    const { decision } = await issue(commands);
    const found = await rows('select topics, events, payload from platform.outbox');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      topics: ['coupon.issued', 'coupon-policy.activated', 'coupon-policy.exhausted'],
      events: 4,
    });
    const [batch] = JSON.parse(found[0].payload);
    expect(batch.rows).toEqual(decision.issued.map((c) => [String(c.couponId), String(c.userId), c.sequenceNo]));
    await issue(commands);
    expect(await rows('select 1 from platform.outbox')).toHaveLength(1);
  });

  it('the slot of a coupon that no longer counts is used again, its number is not', async () => {
    await opened.store.insert(policy(1n, { terms: terms({ maxIssueCount: 3, maxIssuePerUser: 2 }) }));
    const twice = [7n, 7n].map((userId) => ask(1n, userId));
    await issue(twice);
    // The state after a withdrawal with returned stock.
    await rows(
      "update coupon.coupon_issues set slot = null, status = 'CANCELLED', returned = true where sequence_no = 1",
    );
    await rows('update coupon.coupon_policies set current_issue_count = 1');
    const { decision } = await issue(twice);
    expect(decision.outcomes).toMatchObject([
      { kind: 'issued', coupon: { sequenceNo: 3, slot: 0 } },
      { refusal: { code: 'COUPON_ISSUE_LIMIT_EXCEEDED' } },
    ]);
    expect(await rows('select sequence_no, slot from coupon.coupon_issues order by 1')).toEqual([
      { sequence_no: 1, slot: null },
      { sequence_no: 2, slot: 1 },
      { sequence_no: 3, slot: 0 },
    ]);
  });

  it.each([
    ['a second coupon in a slot', 'values (90, 1, 7, 2, 0, now(), now())', 'coupon_issues_holding'],
    ['a repeated sequence number', 'values (90, 1, 8, 1, 0, now(), now())', 'coupon_issues_sequence'],
  ])('the tables reject %s that is written directly', async (_, values, constraint) => {
    await opened.store.insert(policy(1n));
    await issue([ask(1n, 7n)]);
    const write = rows(
      `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at) ${values}`,
    );
    await expect(write).rejects.toMatchObject({ constraint });
  });

  it('the tables reject a count above the limit that is written directly', async () => {
    await opened.store.insert(policy(1n));
    const write = rows('update coupon.coupon_policies set current_issue_count = 11, last_sequence_no = 11');
    await expect(write).rejects.toMatchObject({ constraint: 'coupon_policies_count' });
  });

  it("changes by hand wait for the row's lock, so that each sees the version of the previous one", async () => {
    await opened.store.insert(policy(1n));
    const holder = new pg.Client({ connectionString: home.url });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from coupon.coupon_policies where id = 1 for update');
    const changes = ['a', 'b', 'c'].map((name) =>
      opened.store.change(1n, { kind: 'TERMS', by: '1', reason: '' }, (it) => changeTerms(it, 1, terms({ name }))),
    );
    const waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await rows(waiting)).length < changes.length) await sleep(10);
    await holder.query('rollback');
    await holder.end();
    const results = await Promise.all(changes);
    expect(results.filter((result) => typeof result === 'object' && isRefusal(result))).toHaveLength(2);
    expect((await opened.store.find(1n))?.version).toBe(2);
  });

  it('the count is exact on a server whose transactions are stricter by default', async () => {
    const strict = new URL(home.url);
    strict.searchParams.set('options', '-c default_transaction_isolation=serializable');
    const other = nodeOver(strict.href, nextId);
    try {
      await opened.store.insert(policy(1n, { terms: terms({ maxIssueCount: 10 }) }));
      const batches = Array.from({ length: 20 }, (_, user) => [ask(1n, BigInt(user))]);
      const decided = await Promise.all(
        batches.map((batch) => other.store.issueBatch(batch, (seen) => decideIssues(seen, batch, NOW_MS, nextId))),
      );
      expect(decided.flatMap(({ decision }) => decision.issued)).toHaveLength(10);
    } finally {
      await other.database.close();
    }
  });

  describe('when the connection breaks at COMMIT', () => {
    let proxy: PostgresProxy;
    let viaProxy: ReturnType<typeof nodeOver>;
    let batcher: Batcher<IssueCommand, IssueOutcome>;
    beforeEach(async () => {
      proxy = await postgresProxy(home.url);
      viaProxy = nodeOver(proxy.url, nextId);
      batcher = createBatcher({
        name: 'test',
        classify: classifyFailure,
        execute: async (batch) => {
          const decide = (seen: IssueSnapshot) => decideIssues(seen, batch, NOW_MS, nextId);
          return (await viaProxy.store.issueBatch(batch, decide)).decision.outcomes;
        },
      });
      await opened.store.insert(policy(1n));
      // A slow COMMIT: the look-up of its outcome has to wait for it.
      await rows(
        `create function pause() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$`,
      );
      await rows(`create constraint trigger slow after insert on coupon.coupon_issues deferrable initially deferred
        for each row when (new.user_id = 7) execute function pause()`);
    });
    afterEach(async () => {
      await viaProxy.database.close();
      await proxy.close();
    });

    it.each(['answer lost', 'request lost'] as const)(
      'when the connection breaks at COMMIT, the acknowledged coupons are exactly the stored ones (%s)',
      async (what) => {
        proxy.atNextCommit(what);
        const outcomes = await Promise.all([7n, 8n].map((userId) => batcher.submit(ask(1n, userId))));
        expect(proxy.cuts()).toBe(1);
        const stored = await rows('select id, user_id, sequence_no from coupon.coupon_issues order by sequence_no');
        expect(outcomes).toMatchObject(
          stored.map((row) => ({
            kind: 'issued',
            coupon: { couponId: row.id, userId: row.user_id, sequenceNo: row.sequence_no },
          })),
        );
        expect(stored).toHaveLength(2);
      },
    );
  });
});
