import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../../../../test/support/postgres-proxy.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import { type CouponLifecycle, couponLifecycle } from '../application/lifecycle/coupon-lifecycle.ts';
import type { LifecycleStore } from '../application/lifecycle/ports.ts';
import { decideIssues } from '../domain/issue/issue.ts';
import { lifecycleStoreSuite } from './lifecycle-store-suite.ts';
import { nodeOver, STORES } from './open-stores.ts';
import { ask, NOW_MS, policy } from './policies.ts';

describe.each(STORES)('a lifecycle store on %s', (_, open) => lifecycleStoreSuite(open));

describe('when the connection breaks at the COMMIT of a coupon’s step', () => {
  let home: TestDatabase;
  let proxy: PostgresProxy;
  let direct: ReturnType<typeof nodeOver>;
  let viaProxy: ReturnType<typeof nodeOver>;
  let lifecycle: CouponLifecycle;
  let couponId: bigint;
  const nextId = countingIds(1_000n);
  beforeEach(async () => {
    home = await testDatabase();
    proxy = await postgresProxy(home.url);
    direct = nodeOver(home.url, nextId);
    viaProxy = nodeOver(proxy.url, nextId);
    lifecycle = lifecycleOver(viaProxy.store);
    await direct.store.insert(policy(1n));
    const commands = [ask(1n, 7n)];
    const { decision } = await direct.store.issueBatch(commands, (seen) =>
      decideIssues(seen, commands, NOW_MS, nextId),
    );
    couponId = decision.issued[0]?.couponId ?? 0n;
    // A slow COMMIT: the look-up of its outcome has to wait for it.
    await rows(`create function pause() returns trigger language plpgsql as $$
      begin perform pg_sleep(0.3); return null; end $$`);
    await rows(`create constraint trigger slow after insert on coupon.coupon_history deferrable initially deferred
      for each row execute function pause()`);
  });
  afterEach(async () => {
    await lifecycle.stop();
    await Promise.all([direct.database.close(), viaProxy.database.close()]);
    await proxy.close();
    await home.drop();
  });
  const rows = async (query: string) => (await direct.database.pool.query(query)).rows;
  const steps = 'select kind, version from coupon.coupon_history order by version';

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, every step of a coupon is stored once and reported (%s)',
    async (what) => {
      proxy.atNextCommit(what);
      const order = { couponId, userId: 7n, orderId: 'o', orderAmount: 5_000n };
      const outcome = await lifecycle.submit({ kind: 'RESERVE', reservationId: 'r', ...order });
      expect(proxy.cuts()).toBe(1);
      expect(outcome).toMatchObject({ kind: 'done', coupon: { version: 2, state: { status: 'RESERVED' } } });
      expect(await rows(steps)).toEqual([{ kind: 'RESERVED', version: 2 }]);
    },
  );

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, a failed confirmation is published once (%s)',
    async (what) => {
      proxy.atNextCommit(what);
      const paid = { orderId: 'o', userId: 7n, callerReservationId: 'nobody', couponId, eventId: '77:0' };
      const outcome = await lifecycle.submitBulk({ kind: 'PAYMENT_COMPLETED', ...paid });
      expect(proxy.cuts()).toBe(1);
      expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'RESERVATION_CONFLICT' } });
      const published = "select 1 from platform.outbox where topics @> array['coupon.confirmation_failed']";
      expect(await rows(published)).toHaveLength(1);
    },
  );

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, a reservation that is only closed is closed (%s)',
    async (what) => {
      const order = { couponId, userId: 7n, orderId: 'o', orderAmount: 5_000n };
      await lifecycle.submit({ kind: 'RESERVE', reservationId: 'r', ...order });
      await rows("update coupon.coupon_reservations set status = 'EXPIRED', ended_at = reserved_at");
      await rows(
        "update coupon.coupon_issues set status = 'ISSUED', reservation_id = null, order_id = null, reserved_at = null",
      );
      proxy.atNextCommit(what);
      const outcome = await lifecycle.submit({ kind: 'RELEASE', reservationId: 'r' });
      expect(proxy.cuts()).toBe(1);
      expect(outcome).toMatchObject({ kind: 'done', reservation: { status: 'CANCELLED' } });
      expect(await rows('select status from coupon.coupon_reservations')).toEqual([{ status: 'CANCELLED' }]);
    },
  );

  it("after a COMMIT whose request was lost, a coupon's step that another node took meanwhile does not count as committed", async () => {
    const order = { couponId, userId: 7n, orderId: 'o', orderAmount: 5_000n };
    const waiting = async (batches: number) => {
      const query = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      while ((await rows(query)).length < batches) await sleep(5);
    };
    // Both batches wait for the user's lock, so that the other batch gets the lock when this one is lost, before its
    // outcome is looked up.
    const holder = await direct.database.pool.connect();
    await holder.query("select pg_advisory_lock(hashtextextended('coupon.user:7', 0))");
    proxy.atNextCommit('request lost');
    const mine = lifecycle.submit({ kind: 'RESERVE', reservationId: 'mine', ...order });
    await waiting(1);
    const theirs = lifecycleOver(direct.store).submit({ kind: 'RESERVE', reservationId: 'theirs', ...order });
    await waiting(2);
    await holder.query('select pg_advisory_unlock_all()');
    holder.release();
    expect((await Promise.all([mine, theirs])).map(({ kind }) => kind)).toEqual(['refused', 'done']);
    expect(await rows('select id from coupon.coupon_reservations')).toEqual([{ id: 'theirs' }]);
  });
});

const lifecycleOver = (store: LifecycleStore): CouponLifecycle =>
  couponLifecycle({
    storeFor: () => store,
    refusalCache: { invalidate: () => {} },
    holdMs: 600_000,
    classify: classifyFailure,
    batchMax: 10,
  });
