import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { openPolicy, type Stage, stage, testUsers, until } from '../attacks/support.ts';
import { openNotices } from '../support/notice-client.ts';

let on: Stage;
const testUser = testUsers();
beforeEach(async () => {
  on = await stage();
});
afterEach(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});

const inboxOf = async (user: string, query = '', headers = {}) =>
  (await on.call('GET', `/api/v1/notifications${query}`, { token: on.token(user), headers })).body;
const issue = async (user: string, policyId: string): Promise<string> =>
  (await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(user) })).body.couponId;
const unreadOf = async (user: string) => (await inboxOf(user)).unreadCount;
const remindersOf = async (user: string) =>
  (await inboxOf(user)).notifications.filter(({ kind }: { kind: string }) => kind === 'COUPON_EXPIRING');

describe('the inbox', () => {
  it('an issued coupon reaches the open streams of its user, and so does the count when another tab reads it', async () => {
    const user = testUser(20);
    const policyId = await openPolicy(on);
    const tab = await openNotices(on.url, { authorization: `Bearer ${on.token(user)}`, 'accept-language': 'ko' });
    await until(async () => tab.events.length === 1);
    const couponId = await issue(user, policyId);
    await until(async () => tab.events.length === 3);
    const [, notice, unread] = tab.events;
    expect(notice?.data).toMatchObject({ kind: 'COUPON_ISSUED', path: `/coupons/${couponId}`, read: false });
    expect(notice?.data.title).toBe('쿠폰이 발급되었습니다');
    expect(unread).toMatchObject({ name: 'unread', data: { unreadCount: 1 } });
    const path = `/api/v1/notifications/${notice?.data.notificationId}/read`;
    expect((await on.call('POST', path, { token: on.token(user) })).status).toBe(200);
    await until(async () => tab.events.at(-1)?.data.unreadCount === 0);
    expect(tab.events).toHaveLength(4);
    tab.close();
  });

  it('an issued coupon is in the inbox of its user, in the language of the request or of the settings', async () => {
    const user = testUser(1);
    const policyId = await openPolicy(on, { name: '오픈 <b>쿠폰</b>' });
    const couponId = await issue(user, policyId);
    await until(async () => (await unreadOf(user)) === 1);
    const { notifications, ...page } = await inboxOf(user, '', { 'accept-language': 'ko' });
    expect(page).toEqual({ nextCursor: null, hasMore: false, unreadCount: 1 });
    expect(notifications).toMatchObject([
      {
        kind: 'COUPON_ISSUED',
        title: '쿠폰이 발급되었습니다',
        path: `/coupons/${couponId}`,
        data: { couponName: '오픈 <b>쿠폰</b>', policyId },
        read: false,
      },
    ]);
    expect((await inboxOf(user)).notifications[0].title).toBe('You got a coupon');
    await on.call('PUT', '/api/v1/notifications/preferences', { token: on.token(user), json: { language: 'ko' } });
    expect((await inboxOf(user)).notifications[0].title).toBe('쿠폰이 발급되었습니다');
    expect((await inboxOf(testUser(2))).notifications).toEqual([]);
  });

  it('notices are read one by one and all together, and deleted', async () => {
    const user = testUser(11);
    for (let coupon = 0; coupon < 3; coupon++) await issue(user, await openPolicy(on));
    await until(async () => (await unreadOf(user)) === 3);
    const [first, second] = (await inboxOf(user)).notifications;
    const token = on.token(user);
    const path = (notice: { notificationId: string }) => `/api/v1/notifications/${notice.notificationId}`;
    expect((await on.call('POST', `${path(first)}/read`, { token })).body).toEqual({ unreadCount: 2 });
    expect((await on.call('DELETE', path(second), { token })).status).toBe(204);
    expect((await on.call('DELETE', path(second), { token })).body.code).toBe('NOTIFICATION_NOT_FOUND');
    expect((await inboxOf(user, '?unread=true')).notifications).toHaveLength(1);
    expect((await on.call('POST', '/api/v1/notifications/read-all', { token })).body).toEqual({ unreadCount: 0 });
    const { notifications, unreadCount } = await inboxOf(user);
    expect([notifications.map(({ read }: { read: boolean }) => read), unreadCount]).toEqual([[true, true], 0]);
  });
});

describe('reminders of coupons', () => {
  it('a coupon is announced 7, 3 and 1 days before it expires, once a day, and no more once it is used', {
    tags: 'alone',
  }, async () => {
    const [user, spender, careless] = [testUser(21), testUser(22), testUser(23)];
    const expiresAt = new Date(on.now() + 8 * DAY_MS).toISOString();
    const policyId = await openPolicy(on, { validDays: null, expireAt: expiresAt });
    const [couponId, used] = [await issue(user, policyId), await issue(spender, policyId)];
    await issue(careless, policyId);
    const chosen = { token: on.token(careless), json: { expiryDays: [1] } };
    await on.call('PUT', '/api/v1/notifications/preferences', chosen);
    const daily: number[] = [];
    for (let day = 0; day < 8; day++) {
      for (let time = 0; time < 2; time++) await on.runJobs();
      daily.push((await remindersOf(user)).length);
      if (day === 1) await until(async () => (await remindersOf(spender)).length === 1);
      if (day === 1) await on.call('POST', `/api/v1/coupons/${used}/use`, { token: on.token(spender), json: {} });
      if (day === 1) await until(async () => (await remindersOf(spender)).length === 0);
      await on.advance(DAY_MS);
    }
    expect(daily).toEqual([0, 1, 1, 1, 1, 2, 2, 3]);
    expect((await remindersOf(user))[0]).toMatchObject({ data: { couponId, days: '1', couponName: 'Opening day' } });
    expect([(await remindersOf(spender)).length, (await remindersOf(careless)).length]).toEqual([0, 1]);
  });

  it('notices are deleted after 90 days, with what counted them as unread', { tags: 'alone' }, async () => {
    const user = testUser(31);
    await issue(user, await openPolicy(on));
    await until(async () => (await unreadOf(user)) === 1);
    await on.advance(89 * DAY_MS);
    await on.runJobs();
    expect(await unreadOf(user)).toBe(1);
    await on.advance(2 * DAY_MS);
    await on.runJobs();
    expect(await inboxOf(user)).toMatchObject({ notifications: [], unreadCount: 0 });
  });
});
