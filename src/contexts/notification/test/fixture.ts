import { pino } from 'pino';
import { Registry } from 'prom-client';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import type { EventBus, Handler } from '../../../platform/events/bus.ts';
import { type DatabaseOptions, openDatabase } from '../../../platform/postgres/database.ts';
import { postgresIntakeStore } from '../adapters/postgres/intake-store.ts';
import { USER_TABLES } from '../adapters/postgres/user-tables.ts';
import { onNoticeEvents } from '../application/on-notice-events.ts';
import type { NewNotice } from '../domain/notice.ts';
import { createNotification } from '../module.ts';

/** The context on a database of its own, without its writer: a test writes when it wants to. */
export async function notificationFixture(time: DatabaseOptions['time'] = {}) {
  const { url, drop } = await testDatabase();
  const database = openDatabase({ url, onError: () => {}, time });
  const nextId = countingIds();
  const intake = postgresIntakeStore({ database, nextId });
  const consume: Handler = onNoticeEvents(intake, () => {});
  const log = pino({ level: 'silent' });
  const noBus = { subscribe: () => {} } as unknown as EventBus;
  const noCoupons = {
    listDueCoupons: async () => ({ coupons: [], hasMore: false }),
    listUnusedCoupons: async () => ({ couponIds: [] }),
    getPolicy: async () => ({ outcome: undefined }),
    listHolders: async () => ({ userIds: [], next: 0, hasMore: false, issued: 0 }),
  };
  const noStores = {
    checkStore: async () => ({ outcome: undefined }),
    getStore: async () => ({ outcome: undefined }),
    listOwnStores: async () => ({ storeIds: [] }),
    listCounterStores: async () => ({ storeIds: [] }),
    listFollowers: async () => ({ userIds: [], hasMore: false, followers: 0 }),
    listFollowedOpenings: async () => ({ policies: [] }),
  };
  const noContacts = {
    getContacts: async () => ({ contacts: [], unknownUserIds: [] }),
    withdrawConsent: async () => {},
    listAdministrators: async () => ({ userIds: [] }),
  };
  const metrics = new Registry();
  const deps = { database, bus: noBus, clock: Date.now, nextId, metrics, log };
  const { api, stop } = createNotification(deps, { coupon: noCoupons, store: noStores, identity: noContacts });
  await stop();

  async function write(): Promise<void> {
    while ((await intake.writeNext()).kind === 'WRITTEN');
  }
  return {
    database,
    nextId,
    intake,
    metrics,
    api,
    consume,
    write,
    /** The whole inbox, newest first. */
    async inboxOf(userId: number) {
      const page = { limit: 100, cursor: '' };
      return await api.listNotices({ userId: BigInt(userId), page, unreadOnly: false, language: 'en' });
    },
    async rowsOf(userId: number): Promise<number> {
      const sums = USER_TABLES.map((table) => `(select count(*) from notification.${table} where user_id = $1)`);
      const { rows } = await database.pool.query<{ rows: bigint }>(`select ${sums.join(' + ')} as rows`, [userId]);
      return Number(rows[0]?.rows);
    },
    async close(): Promise<void> {
      await database.close();
      await drop();
    },
  };
}

export type NotificationFixture = Awaited<ReturnType<typeof notificationFixture>>;

export const reminderOf = (userId: number, couponId: string): NewNotice => ({
  userId: BigInt(userId),
  kind: 'COUPON_EXPIRING',
  subject: couponId,
  day: '2026-01-24',
  data: { couponId, couponName: 'Opening day', expiresAt: '2026-01-31T15:00:00.000Z' },
});
