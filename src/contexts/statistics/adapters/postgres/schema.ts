import { sql } from 'drizzle-orm';
import { bigint, boolean, date, index, pgSchema, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core';

const int8 = <Name extends string>(name: Name) => bigint(name, { mode: 'bigint' });
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const statistics = pgSchema('statistics');

/** A row for each hour in which something happened to a policy's coupons. */
export const hourly = statistics.table(
  'hourly',
  {
    policyId: int8('policy_id').notNull(),
    /** Distinguishes the two hours with the same day and hour where clocks are set back. */
    startsAt: instant('starts_at').notNull(),
    /** In the policy's time zone. */
    day: date('day', { mode: 'string' }).notNull(),
    hour: smallint('hour').notNull(),
    storeId: int8('store_id'),
    issued: int8('issued').notNull(),
    reserved: int8('reserved').notNull(),
    used: int8('used').notNull(),
    released: int8('released').notNull(),
    cancelled: int8('cancelled').notNull(),
    expired: int8('expired').notNull(),
    restored: int8('restored').notNull(),
    discountAmount: int8('discount_amount').notNull(),
    /** Recounted after the end of the hour: these numbers include every event of it. */
    closed: boolean('closed').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.policyId, table.startsAt] }),
    index('hourly_day').on(table.day, table.policyId),
    index('hourly_store').on(table.storeId, table.day, table.policyId).where(sql`${table.storeId} is not null`),
  ],
);

/** How far recounts have come. */
export const recounts = statistics.table('recounts', {
  /** Of what: there is one row, `hourly`. */
  name: text('name').primaryKey(),
  /** Every hour that began before is recounted. */
  until: instant('until').notNull(),
});
