import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPolicy, type Stage, stage, testUsers, until } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
beforeEach(async () => {
  on = await stage();
});
afterEach(() => on.stop());

const inboxOf = async (user: string, query = '', headers = {}) =>
  (await on.call('GET', `/api/v1/notifications${query}`, { token: on.token(user), headers })).body;

describe('the inbox', () => {
  it('an issued coupon is in the inbox of its user, in the language of the request', async () => {
    const user = testUser(1);
    const policyId = await openPolicy(on, { name: '오픈 <b>쿠폰</b>' });
    const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(user) });
    await until(async () => (await inboxOf(user)).unreadCount === 1);
    const { notifications, ...page } = await inboxOf(user, '', { 'accept-language': 'ko' });
    expect(page).toEqual({ nextCursor: null, hasMore: false, unreadCount: 1 });
    expect(notifications).toMatchObject([
      {
        kind: 'COUPON_ISSUED',
        title: '쿠폰이 발급되었습니다',
        path: `/coupons/${issued.body.couponId}`,
        data: { couponName: '오픈 <b>쿠폰</b>', policyId },
        read: false,
      },
    ]);
    expect((await inboxOf(user)).notifications[0].title).toBe('You got a coupon');
    expect((await inboxOf(testUser(2))).notifications).toEqual([]);
  });
});
