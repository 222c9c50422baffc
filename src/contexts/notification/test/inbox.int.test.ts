import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRANSPORTS } from '../../../../test/support/transports.ts';
import type { NotificationService } from '../api.ts';
import { notificationContext } from '../module.ts';
import { type NotificationFixture, notificationFixture } from './fixture.ts';
import { issued } from './notice-events.ts';

const keyed = () => ({ scope: 'test', key: randomUUID(), requestHash: new Uint8Array(32), audit: undefined });
const PAGE = { limit: 20, cursor: '' };

describe.each(TRANSPORTS)('an inbox %s', (_, reach) => {
  let on: NotificationFixture;
  let api: NotificationService;
  let close: () => Promise<void>;
  let next = 0;
  beforeAll(async () => {
    on = await notificationFixture();
    ({ api, close } = await reach(await notificationContext.contract(), on.api));
  });
  afterAll(async () => {
    await close();
    await on.close();
  });

  /** A user with this many unread notices. */
  async function userWith(notices: number): Promise<bigint> {
    next += 1;
    await on.consume(Array.from({ length: notices }, (_, index) => issued(next, String(index + 1))));
    await on.write();
    return BigInt(next);
  }
  const list = (userId: bigint, changes = {}) =>
    api.listNotices({ userId, page: PAGE, unreadOnly: false, language: 'en', ...changes });

  test('lists notices newest first, page by page', async () => {
    const userId = await userWith(5);
    const first = await list(userId, { page: { limit: 3, cursor: '' } });
    const second = await list(userId, { page: { limit: 3, cursor: first.nextCursor ?? '' } });
    expect([...first.notices, ...second.notices].map(({ subject }) => subject)).toEqual(['5', '4', '3', '2', '1']);
    expect([first.unread, second.nextCursor]).toEqual([5, undefined]);
    expect((await list(userId, { page: { limit: 3, cursor: 'nonsense' } })).notices).toEqual([]);
  });

  test('a notice that is read counts once, however often it is marked', async () => {
    const userId = await userWith(3);
    const [newest] = (await list(userId)).notices;
    const noticeId = newest?.id ?? 0n;
    for (let time = 0; time < 3; time++)
      expect((await api.markRead({ userId, noticeId, commandKey: keyed() })).outcome?.value).toEqual({ unread: 2 });
    const unread = await list(userId, { unreadOnly: true });
    expect([unread.notices.map(({ subject }) => subject), unread.unread]).toEqual([['2', '1'], 2]);
    const position = { userId, number: newest?.number ?? 0n, language: 'en' };
    const { inboxes } = await api.readAfter({ positions: [position], limit: 10 });
    expect(inboxes).toEqual([{ lastNumber: newest?.number, unread: 2, notices: [] }]);
  });

  test('all that are there are read at once, and later ones are not', async () => {
    const userId = await userWith(3);
    expect((await api.markAllRead({ userId, commandKey: keyed() })).outcome?.value).toEqual({ unread: 0 });
    await on.consume([issued(Number(userId), '900')]);
    await on.write();
    expect((await list(userId)).notices.map(({ isRead }) => isRead)).toEqual([false, true, true, true]);
    expect((await list(userId, { unreadOnly: true })).notices).toHaveLength(1);
  });

  test('a deleted notice is gone, and a repeat with the key gets the first result', async () => {
    const userId = await userWith(2);
    const noticeId = (await list(userId)).notices[0]?.id ?? 0n;
    const request = { userId, noticeId, commandKey: keyed() };
    expect((await api.deleteNotice(request)).outcome?.value).toEqual({ unread: 1 });
    expect(await api.deleteNotice(request)).toMatchObject({ outcome: { value: { unread: 1 } }, replayed: true });
    const other = await api.deleteNotice({ ...request, commandKey: keyed() });
    expect(other.outcome?.value).toMatchObject({ code: 'NOTIFICATION_NOT_FOUND' });
    expect(await list(userId)).toMatchObject({ notices: [{ subject: '1' }], unread: 1 });
  });

  test('docs/attacks.md 32: a notice of another user is as one that does not exist', async () => {
    const [theirs, own] = [await userWith(1), await userWith(1)];
    const noticeId = (await list(theirs)).notices[0]?.id ?? 0n;
    for (const change of [api.markRead, api.deleteNotice]) {
      const foreign = await change({ userId: own, noticeId, commandKey: undefined });
      const none = await change({ userId: own, noticeId: 1n << 60n, commandKey: undefined });
      expect(foreign).toEqual(none);
      expect(foreign.outcome?.value).toMatchObject({ code: 'NOTIFICATION_NOT_FOUND' });
    }
    expect(await list(theirs)).toMatchObject({ notices: [{ isRead: false }], unread: 1 });
  });

  test('settings replace each other, and what was left out has its default', async () => {
    const userId = await userWith(0);
    const chosen = {
      preferences: [
        { kind: 'COUPON_ISSUED', channel: 'PUSH', enabled: false },
        { kind: 'ORDER_PAID', channel: 'EMAIL', enabled: true },
      ],
      language: 'ko',
      timezone: 'europe/BERLIN',
      expiryDays: [1, 7],
      quietHours: { from: '22:00', until: '07:30' },
    };
    const { outcome } = await api.updateSettings({ userId, settings: chosen, commandKey: keyed() });
    expect(outcome?.value).toMatchObject({
      ...chosen,
      timezone: 'Europe/Berlin',
      preferences: expect.any(Array),
      expiryDays: [7, 1],
    });
    const read = await api.getSettings({ userId });
    expect(read.outcome).toEqual(outcome);
    const settings = read.outcome?.$case === 'settings' ? read.outcome.value : expect.unreachable();
    expect(settings.preferences).toContainEqual(chosen.preferences[0]);
    expect(settings.preferences.filter(({ enabled, channel }) => channel === 'INBOX' && !enabled)).toEqual([]);
    const nothing = {
      preferences: [],
      expiryDays: [],
      language: undefined,
      timezone: undefined,
      quietHours: undefined,
    };
    await api.updateSettings({ userId, settings: nothing, commandKey: keyed() });
    const cleared = (await api.getSettings({ userId })).outcome;
    expect(cleared?.value).toMatchObject({ expiryDays: [] });
    expect(await api.getSettings({ userId: 1n << 60n })).toMatchObject({
      outcome: { value: { expiryDays: [7, 3, 1] } },
    });
  });

  test.each([
    ['timezone', { timezone: 'Mars/Olympus' }],
    ['expiryDays', { expiryDays: [2] }],
    ['quietHours', { quietHours: { from: '25:00', until: '07:00' } }],
    ['quietHours', { quietHours: { from: '08:00', until: '08:00' } }],
    ['language', { language: 'fr' }],
    ['preferences', { preferences: [{ kind: '__proto__', channel: 'EMAIL', enabled: true }] }],
  ])('settings with a wrong %s are refused', async (field, wrong) => {
    const settings = {
      ...{ preferences: [], expiryDays: [], language: undefined, timezone: undefined, quietHours: undefined },
      ...wrong,
    };
    const { outcome } = await api.updateSettings({ userId: await userWith(0), settings, commandKey: keyed() });
    expect(outcome?.value).toMatchObject({ code: 'VALIDATION_FAILED', details: { [field]: expect.any(String) } });
  });
});
