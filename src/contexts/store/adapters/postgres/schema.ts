import { sql } from 'drizzle-orm';
import {
  bigint,
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
