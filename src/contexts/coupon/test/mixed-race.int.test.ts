import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { manager } from '../../../../test/support/stores.ts';
import type { IssuePath } from '../application/issue/ports.ts';
import type { CouponStore } from '../application/ports.ts';
import { decideIssues, type NewCoupon } from '../domain/issue/issue.ts';
import { decideLifecycle } from '../domain/lifecycle/lifecycle.ts';
import type { LifecycleCommand } from '../domain/lifecycle/lifecycle-command.ts';
import { changeQuantity, changeStatus, changeSuspension, changeTerms } from '../domain/policy/policy.ts';
import { nodeOver } from './open-stores.ts';
import { ask, NOW_MS, policy, terms } from './policies.ts';

const ROUNDS = 8;
const USERS = 2_000;
const NOTE = { kind: 'STATUS', by: '1', reason: '' } as const;
const nextId = countingIds(1_000_000n);

interface Issued {
  readonly coupons: NewCoupon[];
  readonly batches: Record<IssuePath, number>;
}

it('two nodes issue a policy exactly, by one statement or under its lock, while its stock, status and limit change and coupons are withdrawn', async () => {
  const home = await testDatabase();
  const nodes = [1, 2].map(() => nodeOver(home.url, nextId, undefined, { optimistic: true }));
  const client = new pg.Client({ connectionString: home.url });
  await client.connect();
  const batches = { optimistic: 0, locked: 0 };
  try {
    for (let round = 1; round <= ROUNDS; round++) await race(BigInt(round));
  } finally {
    await client.end();
    for (const { database } of nodes) await database.close();
    await home.drop();
  }
  // Each race begins with policies that no node has cached, so that both paths take part in each.
  expect(Math.min(...Object.values(batches))).toBeGreaterThan(ROUNDS);

  async function race(id: bigint): Promise<void> {
    const [{ store: admin } = { store: undefined }] = nodes;
    if (admin === undefined) return;
    await admin.insert(policy(id, { terms: terms({ maxIssueCount: 40 }) }));
    const issued: Issued = { coupons: [], batches };
    let isOpen = true;
    const issuing = nodes.map(async ({ store }) => {
      while (isOpen) await issueBatch(store, id, issued);
    });
    try {
      await changeAll(admin, id, issued);
    } finally {
      isOpen = false;
      await Promise.all(issuing);
    }
    await expectExact(id, issued.coupons);
  }

  async function issueBatch(store: CouponStore, id: bigint, { coupons, batches: paths }: Issued): Promise<void> {
    const size = 1 + Math.floor(Math.random() * 4);
    const commands = Array.from({ length: size }, () => ask(id, BigInt(1 + Math.floor(Math.random() * USERS))));
    const { decision, path } = await store.issueBatch(commands, (seen, _, fresh) =>
      decideIssues(seen, fresh, NOW_MS, nextId),
    );
    coupons.push(...decision.issued);
    paths[path] += 1;
    // So that either node issues several batches without the other one now and then.
    if (Math.random() < 0.1) await sleep(Math.random() * 30);
  }

  /** Changes the policy in every way, and expects that no coupon is issued while it may not be. */
  async function changeAll(store: CouponStore, id: bigint, { coupons }: Issued): Promise<void> {
    const change = (decide: Parameters<CouponStore['change']>[2]) => store.change(id, NOTE, decide);
    const more = (count: number) => change((it) => changeQuantity(it, it.currentIssueCount + count));
    const status = (name: string) => change((it) => changeStatus(it, name, NOW_MS));
    const limit = (maxIssuePerUser: number) =>
      change((it) => changeTerms(it, it.version, { ...it.terms, maxIssuePerUser }));
    const closures: readonly (readonly [close: () => Promise<unknown>, open: () => Promise<unknown>])[] = [
      [() => more(0), () => more(60)],
      [() => status('PAUSE'), () => status('ACTIVATE')],
      [() => change((it) => changeSuspension(it, 'fraud')), () => change((it) => changeSuspension(it, undefined))],
    ];
    for (const [close, open] of [...closures, ...closures]) {
      await sleep(30);
      // A quantity of 0 is none.
      while (coupons.length === 0) await sleep(5);
      expect(await close()).toHaveProperty('after');
      const last = await lastNumber(id);
      await sleep(15);
      expect(await lastNumber(id)).toBe(last);
      expect(await open()).toHaveProperty('after');
      await withdraw(store, coupons.slice(-3));
    }
    for (const changed of [await limit(2), await more(200)]) expect(changed).toHaveProperty('after');
    await sleep(30);
    expect(await status('END')).toHaveProperty('after');
    const last = await lastNumber(id);
    await sleep(15);
    expect(await lastNumber(id)).toBe(last);
  }

  async function withdraw(store: CouponStore, coupons: readonly NewCoupon[]): Promise<void> {
    const commands = coupons.map(({ couponId }, index): LifecycleCommand => {
      const returnStock = index % 2 === 0;
      return { kind: 'CANCEL', couponId, manager: manager('ADMIN'), note: '', returnStock, orderCancelled: false };
    });
    await store.changeBatch(commands, (seen) => decideLifecycle(seen, commands, NOW_MS, 600_000));
  }

  async function lastNumber(id: bigint): Promise<number> {
    const text = 'select last_sequence_no as last from coupon.coupon_policies where id = $1';
    const { rows } = await client.query<{ last: number }>(text, [id]);
    return rows[0]?.last ?? 0;
  }

  /** Expects exactly the acknowledged coupons, numbered once from 1, and the counts of the policy, its stock and the events. */
  async function expectExact(id: bigint, coupons: readonly NewCoupon[]): Promise<void> {
    const { rows } = await client.query<{ coupon: string; sequence: number; returned: boolean }>(
      `select id || ' ' || user_id as coupon, sequence_no as sequence, returned from coupon.coupon_issues where policy_id = $1 order by sequence_no`,
      [id],
    );
    expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map((_, index) => index + 1));
    const acknowledged = coupons.toSorted((a, b) => a.sequenceNo - b.sequenceNo);
    expect(rows.map(({ coupon }) => coupon)).toEqual(acknowledged.map((it) => `${it.couponId} ${it.userId}`));
    const counted = await client.query(
      `select last_sequence_no as last, current_issue_count as counted, current_issue_count <= max_issue_count as "isWithin",
         (select sum((tally->'coupon.issued'->>$2)::int)::int from platform.outbox) as events,
         (select coalesce(max(held), 0)::int from (
            select count(*) held from coupon.coupon_issues where policy_id = $1 and slot is not null group by user_id) users) <= 2 as "isLimited"
       from coupon.coupon_policies where id = $1`,
      [id, String(id)],
    );
    const stored = rows.filter(({ returned }) => !returned).length;
    const exact = { last: rows.length, counted: stored, events: rows.length, isWithin: true, isLimited: true };
    expect(counted.rows).toEqual([exact]);
  }
});
