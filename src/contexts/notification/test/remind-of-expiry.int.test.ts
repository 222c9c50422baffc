import { afterAll, beforeAll, expect, test } from 'vitest';
import { reminderStore } from '../adapters/postgres/reminder-store.ts';
import { type RemindDeps, remindOfExpiry } from '../application/remind/remind-of-expiry.ts';
import { type NotificationFixture, notificationFixture } from './fixture.ts';
import { couponEnded } from './notice-events.ts';

let on: NotificationFixture;
beforeAll(async () => {
  on = await notificationFixture();
});
afterAll(() => on.close());

// The rest is tested on real coupons: test/gateway/notifications.int.test.ts. There nothing can be used between two statements of the task.
test('a coupon that is used between the page and the reminder, and whose event is handled before it, has none', async () => {
  const due = [
    { couponId: 1n, userId: 1n, policyId: 7n, name: 'Opening day', expiresAt: new Date() },
    { couponId: 2n, userId: 2n, policyId: 7n, name: 'Opening day', expiresAt: new Date() },
  ];
  let pages = 0;
  const coupon: RemindDeps['coupon'] = {
    async listDueCoupons() {
      pages += 1;
      if (pages > 1) return { coupons: [], hasMore: false };
      await on.consume([couponEnded('coupon.used', 1, '1')]);
      await on.write();
      return { coupons: due, hasMore: false };
    },
    listUnusedCoupons: async ({ couponIds }) => ({ couponIds: couponIds.filter((id) => id !== 1n) }),
  };
  const changed: bigint[] = [];
  const run = remindOfExpiry({
    coupon,
    store: reminderStore(on.database, on.nextId),
    signal: { notify: (userIds) => changed.push(...userIds) },
    now: async () => Date.now(),
  });
  await run(new AbortController().signal);
  expect([await on.inboxOf(1), await on.inboxOf(2)]).toMatchObject([
    { notices: [], unread: 0 },
    { notices: [{ kind: 'COUPON_EXPIRING' }], unread: 1 },
  ]);
  expect(changed).toContain(2n);
});

test('a run that ends before it has asked whether coupons were used leaves no reminder', async () => {
  const due = [{ couponId: 3n, userId: 3n, policyId: 7n, name: 'Opening day', expiresAt: new Date() }];
  const run = remindOfExpiry({
    coupon: {
      listDueCoupons: async () => ({ coupons: due, hasMore: false }),
      listUnusedCoupons: () => Promise.reject(new Error('away')),
    },
    store: reminderStore(on.database, on.nextId),
    signal: { notify() {} },
    now: async () => Date.now(),
  });
  await expect(run(new AbortController().signal)).rejects.toThrow('away');
  expect(await on.inboxOf(3)).toMatchObject({ notices: [], unread: 0 });
});
