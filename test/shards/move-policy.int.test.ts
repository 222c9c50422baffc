import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { movePolicy, type PolicyMoveStep } from '../../src/app/shards/move/move-policy.ts';
import { MOVED_TABLES } from '../../src/app/shards/move/moved-tables.ts';
import { PLACES_MS } from '../../src/app/shards/policy-places.ts';
import type { Policy } from '../../src/contexts/coupon/api.ts';
import { codeOf, given } from '../checkout/fixture.ts';
import { ADMIN, type ShardsFixture, shardsFixture } from './fixture.ts';

const STEPS = ['ANNOUNCED', 'LEFT', 'ARRIVED', 'SETTLED'] as const satisfies readonly PolicyMoveStep[];
const WAYS = [
  [0, 1],
  [1, 0],
] as const;
const page = { limit: 100, cursor: '' };

class Killed extends Error {}

describe('a policy that moves to another shard', () => {
  let on: ShardsFixture;
  beforeAll(async () => {
    on = await shardsFixture();
  });
  afterAll(async () => {
    const violations = await on.violations();
    await on.close();
    expect(violations).toEqual([]);
  });

  const change = (policyId: bigint, transition: string) =>
    on.coupon.changePolicyStatus({ principal: ADMIN, policyId, transition, reason: 'it moves' });
  /** A suspended policy with codes, which has issued nothing. */
  async function movable(shard: number): Promise<Policy> {
    const policy = await on.policyIn(shard, { distributionType: 'CODE', maxIssueCount: 50 });
    const job = given((await on.coupon.generateCodes({ principal: ADMIN, policyId: policy.id, count: 20 })).outcome);
    await expect
      .poll(async () => given((await on.coupon.getJob({ principal: ADMIN, jobId: job.id })).outcome).status)
      .toBe('DONE');
    expect(codeOf(await change(policy.id, 'SUSPEND'))).toBe('policy');
    return policy;
  }
  const move = (policyId: bigint, to: number, killAfter?: PolicyMoveStep) =>
    movePolicy({
      policyId,
      to,
      map: on.maps.coupon,
      databaseUrls: on.databaseUrls,
      onStep(step) {
        // Its sessions end without a commit, as those of a killed process.
        if (step === killAfter) throw new Killed();
      },
    });
  const shardsWith = async (policyId: bigint) => {
    const counts = await Promise.all(
      [0, 1].map((shard) => on.sql(shard, 'select from coupon.coupon_policies where id = $1', [policyId])),
    );
    return counts.flatMap((rows, shard) => rows.map(() => shard));
  };
  const codesOf = async (policyId: bigint) =>
    given((await on.coupon.listCodes({ principal: ADMIN, policyId, page })).outcome).codes.map(({ code }) => code);

  test('every table of coupons is listed with what becomes of its rows', async () => {
    const rows = await on.sql<{ name: string }>(
      0,
      `select relname as name from pg_class where relkind = 'r' and relnamespace = 'coupon'::regnamespace`,
    );
    expect(Object.keys(MOVED_TABLES).toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
  });

  test.each(WAYS)(
    'a policy of shard %i is in shard %i with its terms, changes, jobs and codes, and issues there',
    async (from, to) => {
      const policy = await movable(from);
      const before = {
        policy: await on.coupon.getPolicy({ policyId: policy.id }),
        codes: await codesOf(policy.id),
      };
      expect(before.codes).toHaveLength(20);
      // It has read the place of before.
      const gateway = on.otherGateway();
      await gateway.getPolicy({ policyId: policy.id });
      expect(await move(policy.id, to)).toEqual({ from, codes: 20 });
      expect(await shardsWith(policy.id)).toEqual([to]);
      expect(await gateway.getPolicy({ policyId: policy.id })).toEqual(before.policy);
      expect(await codesOf(policy.id)).toEqual(before.codes);
      expect(codeOf(await change(policy.id, 'RESUME'))).toBe('policy');
      for (const code of before.codes) {
        const redeemed = await gateway.redeemCode({ userId: on.newUser(), code });
        const coupon = given(redeemed.outcome).coupon;
        expect([coupon?.policyId, on.shardOf(coupon?.id ?? 0n)]).toEqual([policy.id, to]);
        expect(codeOf(await on.coupon.redeemCode({ userId: on.newUser(), code }))).toBe('COUPON_ALREADY_USED');
      }
      const job = given((await on.coupon.generateCodes({ principal: ADMIN, policyId: policy.id, count: 3 })).outcome);
      expect(on.shardOf(job.id)).toBe(to);
      const { policies } = await on.coupon.listPolicies({ page, distributionType: 'CODE' });
      expect(policies.filter(({ id }) => id === policy.id)).toHaveLength(1);
      await expect(move(policy.id, from)).rejects.toThrow(/has issued coupons/);
    },
  );

  test('a policy moves there and back, and its jobs are found each time', async () => {
    const policy = await movable(1);
    const [job] = await on.sql<{ id: bigint }>(1, 'select id from coupon.coupon_jobs where policy_id = $1', [
      policy.id,
    ]);
    for (const to of [0, 1, 0]) {
      await move(policy.id, to);
      expect(await shardsWith(policy.id)).toEqual([to]);
      const found = await on.coupon.getJob({ principal: ADMIN, jobId: job?.id ?? 0n });
      expect(given(found.outcome).status).toBe('DONE');
      expect(await codesOf(policy.id)).toHaveLength(20);
    }
    await expect(move(policy.id, 0)).resolves.toMatchObject({ codes: undefined });
  });

  test.each(WAYS.flatMap((way) => STEPS.map((step) => [...way, step] as const)))(
    'a move from shard %i to %i that dies when it has %s has the policy in one shard or on its way, and the same call completes it',
    async (from, to, step) => {
      const policy = await movable(from);
      const before = await on.coupon.getPolicy({ policyId: policy.id });
      await expect(move(policy.id, to, step)).rejects.toThrow(Killed);
      expect(await shardsWith(policy.id)).toEqual({ ANNOUNCED: [from], LEFT: [], ARRIVED: [to], SETTLED: [to] }[step]);
      for (const gateway of [on.coupon, on.otherGateway()]) {
        const read = gateway.getPolicy({ policyId: policy.id });
        if (step === 'LEFT') await expect(read).rejects.toThrow(/on its way/);
        else expect(await read).toEqual(before);
      }
      if (step === 'LEFT' || step === 'ARRIVED')
        await expect(move(policy.id, from)).rejects.toThrow(/is on its way to shard/);
      if (step === 'SETTLED') {
        await move(policy.id, from);
        expect(await shardsWith(policy.id)).toEqual([from]);
      }
      await move(policy.id, to);
      expect(await shardsWith(policy.id)).toEqual([to]);
      expect(await on.coupon.getPolicy({ policyId: policy.id })).toEqual(before);
      expect(await codesOf(policy.id)).toHaveLength(20);
      expect(await on.sql(from, 'select from coupon.policy_moves')).toEqual([]);
    },
  );

  test('requests that arrive during a move find the policy in one of the shards, or are refused as unavailable', async () => {
    const policy = await on.policyIn(0, { maxIssueCount: 1_000 });
    await change(policy.id, 'SUSPEND');
    const gateways = [on.coupon, on.otherGateway(), on.otherGateway()];
    let isMoving = true;
    const outcomes = new Set<string>();
    const ask = async (index: number) => {
      while (isMoving) {
        const gateway = gateways[index % gateways.length] ?? on.coupon;
        const issued = gateway.issueCoupon({ policyId: policy.id, userId: on.newUser() });
        outcomes.add(
          await issued.then(
            (response) => codeOf(response) ?? '',
            (error: Error) => error.name,
          ),
        );
      }
    };
    const asking = Array.from({ length: 12 }, (_, index) => ask(index));
    for (const to of [1, 0, 1, 0, 1]) await move(policy.id, to);
    isMoving = false;
    await Promise.all(asking);
    expect([...outcomes].filter((outcome) => !['POLICY_SUSPENDED', 'Unavailable'].includes(outcome))).toEqual([]);
    // As the command waits: places and refusals in memory are a second old at most.
    on.later(2 * PLACES_MS);
    await change(policy.id, 'RESUME');
    const issued = await gateways[2]?.issueCoupon({ policyId: policy.id, userId: on.newUser() });
    expect(on.shardOf(given(issued?.outcome).id)).toBe(1);
  });

  test('a repeat with its key after the move returns the first response', async () => {
    const policy = await on.policyIn(0);
    const request = {
      principal: ADMIN,
      policyId: policy.id,
      newMaxIssueCount: 77,
      modifiedBy: '',
      reason: 'more',
      commandKey: on.newKey(),
    };
    const first = await on.coupon.setQuantity(request);
    await change(policy.id, 'SUSPEND');
    await move(policy.id, 1);
    expect(await on.coupon.setQuantity(request)).toEqual({ ...first, replayed: true });
  });

  test('a policy that is not paused, has coupons or a job that runs, or whose store is closed does not move', async () => {
    const open = await on.policyIn(0);
    await expect(move(open.id, 1)).rejects.toThrow(/is not paused/);
    await expect(move(open.id, 0)).rejects.toThrow(/is in shard 0/);
    await expect(move(open.id, 2)).rejects.toThrow(/There is no shard 2/);
    await expect(move(4_711n, 1)).rejects.toThrow(/There is no policy 4711/);
    await on.coupon.issueCoupon({ policyId: open.id, userId: on.newUser() });
    await change(open.id, 'SUSPEND');
    await expect(move(open.id, 1)).rejects.toThrow(/has issued coupons/);
    const busy = await on.policyIn(0, { distributionType: 'CODE' });
    await on.coupon.openJob({ principal: ADMIN, kind: 'IMPORT_CODES', policyId: busy.id });
    await change(busy.id, 'SUSPEND');
    await expect(move(busy.id, 1)).rejects.toThrow(/Jobs of policy/);
    const bound = await on.policyIn(0);
    await on.sql(0, 'update coupon.coupon_policies set store_id = 5, store_version = 1 where id = $1', [bound.id]);
    await on.sql(0, 'update coupon.coupon_policy_terms set eligible_store_id = 5 where policy_id = $1', [bound.id]);
    await on.sql(1, 'insert into coupon.closed_stores (store_id, version) values (5, 2)');
    await change(bound.id, 'SUSPEND');
    await expect(move(bound.id, 1)).rejects.toThrow(/store of policy \d+ is closed/);
    for (const { id } of [open, busy, bound]) expect(await shardsWith(id)).toEqual([0]);
  });

  test('a policy whose events are not published does not move', async () => {
    const policy = await movable(0);
    // The relay publishes nothing that is younger than a transaction that has not ended.
    const writer = new pg.Client({ connectionString: on.databaseUrls[0] });
    await writer.connect();
    await writer.query('begin');
    await writer.query('select pg_current_xact_id()');
    await change(policy.id, 'RESUME');
    await change(policy.id, 'SUSPEND');
    const [databaseUrls, map] = [on.databaseUrls, on.maps.coupon];
    const refused = movePolicy({ policyId: policy.id, to: 1, map, databaseUrls, outboxMs: 200 });
    await expect(refused).rejects.toThrow(/Events wait in the outbox/);
    expect(await shardsWith(policy.id)).toEqual([0]);
    await writer.query('commit');
    await writer.end();
    await move(policy.id, 1);
    expect(await shardsWith(policy.id)).toEqual([1]);
  });

  test('a job that begins while its policy leaves is refused as unavailable, and not left behind', async () => {
    const policy = await movable(0);
    const blocker = new pg.Client({ connectionString: on.databaseUrls[0] });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('delete from coupon.coupon_policies where id = $1', [policy.id]);
    const generating = on.couponShards[0]?.generateCodes({ principal: ADMIN, policyId: policy.id, count: 1 });
    const outcome = generating?.then(
      () => 'begun',
      (error: Error) => error.name,
    );
    await expect
      .poll(async () => (await on.sql(0, `select from pg_locks where not granted`)).length)
      .toBeGreaterThan(0);
    await blocker.query('commit');
    await blocker.end();
    expect(await outcome).toBe('Unavailable');
    await on.sql(0, 'delete from coupon.coupon_codes where policy_id = $1', [policy.id]);
    for (const table of ['coupon_policy_terms', 'coupon_policy_changes', 'coupon_jobs'])
      await on.sql(0, `delete from coupon.${table} where policy_id = $1`, [policy.id]);
  });
});
