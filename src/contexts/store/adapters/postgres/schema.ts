import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import { type OpeningHours, STORE_STATUSES } from '../../domain/store.ts';
import { SUBSCRIPTION_TYPES } from '../../domain/subscription.ts';

export const storeSchema = pgSchema('store');

const id = (name: string) => bigint(name, { mode: 'bigint' });
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** One row per store. A deleted one stays. */
export const stores = storeSchema.table(
  'stores',
  {
    id: id('id').primaryKey(),
    ownerId: id('owner_id').notNull(),
    name: text('name').notNull(),
    category: text('category').notNull(),
    description: text('description').notNull(),
    address: text('address').notNull(),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    images: text('images').array().notNull(),
    /** Uploaded images. */
    imageFiles: text('image_files').array().notNull().default([]),
    openingHours: jsonb('opening_hours').$type<readonly OpeningHours[]>().notNull(),
    status: text('status', { enum: STORE_STATUSES }).notNull(),
    version: integer('version').notNull(),
    /** Subscriptions of this store. In no index, so that a change rewrites the row only. */
    followers: integer('followers').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    index('stores_owner').on(table.ownerId, table.id).where(sql`${table.deletedAt} is null`),
    // The public lists. A deleted store is CLOSED.
    index('stores_open').on(table.id).where(sql`${table.status} = 'OPEN'`),
    index('stores_category').on(table.category, table.id).where(sql`${table.status} = 'OPEN'`),
    // The sweep of files looks up which of them are named.
    index('stores_image_files').using('gin', table.imageFiles),
    // Their followers are removed.
    index('stores_deleted_at').on(table.deletedAt).where(sql`${table.deletedAt} is not null`),
    check('stores_status', sql`${table.status} in ('PENDING', 'OPEN', 'CLOSED')`),
    check('stores_deleted', sql`${table.deletedAt} is null or ${table.status} = 'CLOSED'`),
    check('stores_location', sql`(${table.latitude} is null) = (${table.longitude} is null)`),
  ],
);

/** The users who may use coupons at the counter of a store. Changed under the lock of the store's row. */
export const storeStaff = storeSchema.table(
  'store_staff',
  {
    storeId: id('store_id')
      .notNull()
      .references(() => stores.id),
    userId: id('user_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.storeId, table.userId] }), index('store_staff_user').on(table.userId)],
);

/** Who follows what. Changed under the lock of the store's row, or of the row in `followed_policies`, which count them. */
export const subscriptions = storeSchema.table(
  'subscriptions',
  {
    type: text('type', { enum: SUBSCRIPTION_TYPES }).notNull(),
    targetId: id('target_id').notNull(),
    userId: id('user_id').notNull(),
    id: id('id').notNull(),
  },
  (table) => [
    // Pages of followers are read from this index alone.
    primaryKey({ columns: [table.type, table.targetId, table.userId] }),
    index('subscriptions_user').on(table.userId, table.id),
    check('subscriptions_type', sql`${table.type} in ('STORE', 'POLICY')`),
  ],
);

/** Policies that have, or had, followers. What the coupon context says of them comes by events. */
export const followedPolicies = storeSchema.table(
  'followed_policies',
  {
    policyId: id('policy_id').primaryKey(),
    storeId: id('store_id'),
    name: text('name').notNull(),
    opensAt: instant('opens_at').notNull(),
    isSuspended: boolean('is_suspended').notNull().default(false),
    hasEnded: boolean('has_ended').notNull().default(false),
    followers: integer('followers').notNull().default(0),
  },
  (table) => [
    index('followed_policies_opening').on(table.opensAt),
    // Their followers are removed.
    index('followed_policies_ended').on(table.policyId).where(sql`${table.hasEnded}`),
  ],
);

/** Users who have deleted their account. A token of a shop's own may still name one, and nothing is stored for them. */
export const deletedUsers = storeSchema.table('deleted_users', { userId: id('user_id').primaryKey() });

/** Policies of stores that have been active: each is announced once, whatever becomes of it later. */
export const openedPolicies = storeSchema.table('opened_policies', { policyId: id('policy_id').primaryKey() });
