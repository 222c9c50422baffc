import { and, arrayOverlaps, asc, count, desc, eq, inArray, isNotNull, isNull, lt } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { INSERT_OUTBOX, outboxValues } from '../../../../platform/events/outbox.ts';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isRefusal } from '../../../../platform/kernel/refusal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { READ_TIME, timeIn } from '../../../../platform/postgres/database-time.ts';
import { selectsOn } from '../../../../platform/postgres/reader.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { Changed, EventsOf, Inserted, StoreStore } from '../../application/ports.ts';
import { type Store, withoutDetails } from '../../domain/store.ts';
import { storeStaff, stores } from './schema.ts';

export interface StoreStoreDeps {
  readonly database: Database;
  readonly nextId: IdSource;
  readonly eventsOf: EventsOf;
  /** Called after each attempt to write events: the outcome of a commit may be unknown. */
  readonly onEvents: () => void;
}

// Two stores that one owner creates at once are counted one after the other.
const LOCK_OWNER = `select pg_advisory_xact_lock(hashtextextended('store.owner:' || $1::text, 0))`;

export function postgresStoreStore({ database, nextId, eventsOf, onEvents }: StoreStoreDeps): StoreStore {
  const db = drizzle(database.pool);
  const recent = selectsOn(database.recentReads);
  const readNow = async (client: pg.ClientBase): Promise<number> =>
    database.time.presentAt(timeIn(await client.query(READ_TIME.text)));

  async function writeEvents(client: pg.ClientBase, after: Store, before: Store | undefined): Promise<void> {
    const batches = eventsOf(after, before);
    if (batches.length > 0) await client.query(INSERT_OUTBOX, outboxValues(nextId(), batches));
  }

  return {
    insert: (store, most, idempotency) =>
      transactOnce<Inserted>(database.pool, idempotency, async (client) => {
        await client.query(LOCK_OWNER, [store.ownerId]);
        const tx = drizzle(client);
        const [owned] = await tx.select({ stores: count() }).from(stores).where(isOf(store.ownerId));
        if ((owned?.stores ?? 0) >= most) return 'too many';
        await tx.insert(stores).values(toRow(store));
        await writeEvents(client, store, undefined);
        return store;
      }).finally(onEvents),

    async find(id) {
      const [row] = await db.select().from(stores).where(isPresent(id));
      return row && toStore(row, await staffOf(db, id));
    },

    async list({ ownerId, category, mayLag, before, limit }) {
      const rows = await (mayLag ? recent : db)
        .select()
        .from(stores)
        .where(
          and(
            ownerId === undefined ? eq(stores.status, 'OPEN') : isOf(ownerId),
            category === undefined ? undefined : eq(stores.category, category),
            before === undefined ? undefined : lt(stores.id, before),
          ),
        )
        .orderBy(desc(stores.id))
        .limit(limit);
      return rows.map((row) => toStore(row, []));
    },

    change: (id, decide, idempotency) =>
      transactOnce<Changed>(database.pool, idempotency, async (client) => {
        const tx = drizzle(client);
        const [row] = await tx.select().from(stores).where(isPresent(id)).for('no key update');
        if (!row) return 'not found';
        // Read after the lock, in a statement of its own, so that it shows what the last holder committed.
        const before = toStore(row, await staffOf(tx, id));
        const now = new Date(await readNow(client));
        const decided = decide(before, now);
        if (isRefusal(decided) || decided === before) return decided;
        const after = { ...decided, updatedAt: now };
        await tx.update(stores).set(toRow(after)).where(eq(stores.id, id));
        await writeStaff(tx, before, after);
        await writeEvents(client, after, before);
        return after;
      }).finally(onEvents),

    async idsOfOwner(ownerId) {
      const rows = await db.select({ id: stores.id }).from(stores).where(isOf(ownerId)).orderBy(asc(stores.id));
      return rows.map(({ id }) => id);
    },

    async forgetDeleted(ownerId) {
      await inTransaction(database.pool, async (client) => {
        const tx = drizzle(client);
        const rows = await tx
          .select()
          .from(stores)
          .where(and(eq(stores.ownerId, ownerId), isNotNull(stores.deletedAt)))
          .for('no key update');
        for (const row of rows) {
          await tx
            .update(stores)
            .set(toRow(withoutDetails(toStore(row, []))))
            .where(eq(stores.id, row.id));
        }
      });
    },

    async idsOfStaff(userId) {
      const rows = await db.select({ id: storeStaff.storeId }).from(storeStaff).where(eq(storeStaff.userId, userId));
      return rows.map(({ id }) => id);
    },

    async namedFiles(names) {
      // A gateway sends none when it needs only the place of the files. Drizzle throws without a value.
      if (names.length === 0) return [];
      const rows = await db
        .select({ imageFiles: stores.imageFiles })
        .from(stores)
        .where(arrayOverlaps(stores.imageFiles, [...names]));
      return rows.flatMap(({ imageFiles }) => imageFiles);
    },
  };
}

const isPresent = (id: bigint) => and(eq(stores.id, id), isNull(stores.deletedAt));
const isOf = (ownerId: bigint) => and(eq(stores.ownerId, ownerId), isNull(stores.deletedAt));

async function staffOf(db: NodePgDatabase, storeId: bigint): Promise<readonly bigint[]> {
  const rows = await db
    .select({ userId: storeStaff.userId })
    .from(storeStaff)
    .where(eq(storeStaff.storeId, storeId))
    .orderBy(asc(storeStaff.userId));
  return rows.map(({ userId }) => userId);
}

async function writeStaff(tx: NodePgDatabase, before: Store, after: Store): Promise<void> {
  const removed = before.staff.filter((userId) => !after.staff.includes(userId));
  const added = after.staff.filter((userId) => !before.staff.includes(userId));
  if (removed.length > 0) {
    await tx.delete(storeStaff).where(and(eq(storeStaff.storeId, after.id), inArray(storeStaff.userId, removed)));
  }
  if (added.length > 0) await tx.insert(storeStaff).values(added.map((userId) => ({ storeId: after.id, userId })));
}

type StoreRow = typeof stores.$inferSelect;
/** Without the number of followers, which subscriptions change beside other changes. */
type ChangedRow = Omit<StoreRow, 'followers'>;

function toStore({ latitude, longitude, ...row }: StoreRow, staff: readonly bigint[]): Store {
  const { name, category, description, address, images, openingHours, ...fields } = row;
  const location = latitude === null || longitude === null ? null : { lat: latitude, lng: longitude };
  return { ...fields, details: { name, category, description, address, location, images, openingHours }, staff };
}

function toRow({
  details: { location, images, ...details },
  imageFiles,
  staff: _,
  followers: __,
  ...fields
}: Store): ChangedRow {
  return {
    ...fields,
    ...details,
    images: [...images],
    imageFiles: [...imageFiles],
    latitude: location?.lat ?? null,
    longitude: location?.lng ?? null,
  };
}
