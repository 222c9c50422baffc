import { pino } from 'pino';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import type { OutboxBatch } from '../../../platform/events/outbox.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import { inTransaction } from '../../../platform/postgres/transaction.ts';
import { postgresDeliveryStore } from '../adapters/postgres/delivery-store.ts';
import { writeNotices } from '../adapters/postgres/write-notices.ts';
import { deliveryEvents } from '../application/deliver/delivery-events.ts';
import { planNextBatch } from '../application/deliver/plan.ts';
import type { Contact, DeliveryChannel } from '../application/deliver/ports.ts';
import { sendDue } from '../application/deliver/send.ts';
import { DIGEST_WAIT_MS } from '../domain/delivery.ts';
import type { NewNotice } from '../domain/notice.ts';

/** Noon in Seoul. */
export const NOON = Date.parse('2026-03-01T12:00:00+09:00');

export const contactOf = (userId: bigint, changes: Partial<Contact> = {}): Contact => ({
  userId,
  email: `user${userId}@example.com`,
  name: `User ${userId}`,
  language: 'ko',
  emailVerified: true,
  marketingConsent: { at: new Date('2025-05-05') },
  ...changes,
});

/** Channels on a database of their own. Each step happens when a test says so, at a time that it moves. */
export async function deliveryFixture() {
  const { url, drop } = await testDatabase();
  const database = openDatabase({ url, onError: () => {} });
  const { pool } = database;
  const nextId = countingIds();
  const store = postgresDeliveryStore({ pool, nextId, eventsOf: deliveryEvents, onEvents: () => {} });
  let nowMs = NOON;
  const clock = () => nowMs;
  /** Users that are not here have a contact of their own with everything. */
  const contacts = new Map<bigint, Contact | undefined>();
  /** Users of the shop without an account here. */
  const unknown = new Set<bigint>();
  const used = new Set<bigint>();
  /** What other contexts do before they respond: a test lets them fail. */
  const before = { identity: () => {}, coupon: () => {} };
  const identity = {
    getContacts: async ({ userIds }: { readonly userIds: readonly bigint[] }) => {
      before.identity();
      const known = userIds.filter((id) => !unknown.has(id));
      return {
        contacts: known.flatMap((id) => (contacts.has(id) ? (contacts.get(id) ?? []) : contactOf(id))),
        unknownUserIds: userIds.filter((id) => unknown.has(id)),
      };
    },
  };
  const coupon = {
    listUnusedCoupons: async ({ couponIds }: { readonly couponIds: readonly bigint[] }) => {
      before.coupon();
      return { couponIds: couponIds.filter((id) => !used.has(id)) };
    },
  };
  return {
    database,
    store,
    contacts,
    unknown,
    used,
    before,
    clock,
    advance: (ms: number) => {
      nowMs += ms;
    },
    write: (...wanted: readonly NewNotice[]) =>
      inTransaction(pool, (client) => writeNotices(client, wanted, { nextId, nowMs })),
    async plan(channel: DeliveryChannel['name'] = 'EMAIL'): Promise<void> {
      const next = planNextBatch({ store, contacts: identity, channels: [channel], clock });
      while (await next());
    },
    /** Hands over what is due, until nothing is. */
    async send(channel: DeliveryChannel): Promise<void> {
      const next = sendDue({
        ...{ store, contacts: identity, coupon, channel, clock, log: pino({ level: 'silent' }) },
        onOutcome: () => {},
      });
      while ((await next(new AbortController().signal)) > 0);
    },
    /** State and reason of each delivery, in the order of their subjects. */
    async states(): Promise<readonly string[]> {
      const { rows } = await pool.query<{ state: string; reason: string | null }>(
        'select state, reason from notification.deliveries order by user_id, subject, day',
      );
      return rows.map(({ state, reason }) => (reason === null ? state : `${state} ${reason}`));
    },
    /** What other systems are told: the topic, the kind, and why a delivery was given up. */
    async events(): Promise<readonly string[]> {
      const { rows } = await pool.query<{ batch: OutboxBatch }>(
        'select json_array_elements(payload::json) as batch from platform.outbox order by id',
      );
      return rows.flatMap(({ batch: { topic, rows: events, common } }) =>
        events.map((event) => [topic, event[2], ...Object.values(common)].join(' ')),
      );
    },
    async clear(): Promise<void> {
      nowMs = NOON;
      contacts.clear();
      unknown.clear();
      used.clear();
      Object.assign(before, { identity: () => {}, coupon: () => {} });
      await pool.query(
        `truncate notification.inboxes, notification.notices, notification.delivery_batches, notification.deliveries, notification.preferences,
         notification.settings, notification.suppressions, notification.mail_domains, notification.push_subscriptions,
         platform.outbox`,
      );
    },
    async close(): Promise<void> {
      await database.close();
      await drop();
    },
  };
}

export const AFTER_DIGEST_MS = DIGEST_WAIT_MS + 1;

export const noticeOf = (
  userId: number,
  kind: NewNotice['kind'],
  subject: string,
  data: NewNotice['data'] = {},
): NewNotice => ({
  userId: BigInt(userId),
  kind,
  subject,
  day: '2026-03-01',
  data: {
    couponId: subject,
    couponName: `쿠폰 ${subject}`,
    storeName: '카페 솔',
    policyId: subject,
    orderId: subject,
    total: '12000',
    expiresAt: '2026-03-04T00:00:00+09:00',
    ...data,
  },
});
