import type pg from 'pg';
import type { Database } from '../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { StoreStates } from '../../application/catalog/ports.ts';

// A product is inserted under the shared lock of its store, and a closing is recorded under the exclusive one: so either the closing finds
// the product, or the product finds the closing.
const lock = (suffix: '' | '_shared') =>
  `select pg_advisory_xact_lock${suffix}(hashtextextended('order.store:' || $1::text, 0))`;
const [LOCK, LOCK_SHARED] = [lock(''), lock('_shared')];

const RECORD = `
  insert into orders.store_states as s (store_id, version, closed) values ($1, $2, $3)
  on conflict (store_id) do update set version = excluded.version, closed = excluded.closed
  where s.version < excluded.version`;
const IS_CLOSED = 'select closed from orders.store_states where store_id = $1';

// Orders lock products in the order of their ids, too.
const LOCK_PRODUCTS = `
  select p.id from orders.products p join orders.store_states s on s.store_id = p.store_id
  where p.store_id = $1 and p.store_closed <> s.closed order by p.id limit $2 for no key update of p`;
// Reads the state again: it may have changed while the locks were awaited.
const APPLY = `
  update orders.products p set store_closed = s.closed
  from orders.store_states s where s.store_id = p.store_id and p.id = any($1::bigint[])`;

export const postgresStoreStates = ({ pool }: Pick<Database, 'pool'>): StoreStates => ({
  record: ({ storeId, version, closed }) =>
    inTransaction(pool, async (client) => {
      await client.query(LOCK, [storeId]);
      await client.query(RECORD, [storeId, version, closed]);
    }),
  applyToProducts: (storeId, limit) =>
    inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ id: bigint }>(LOCK_PRODUCTS, [storeId, limit]);
      await client.query(APPLY, [rows.map(({ id }) => id)]);
      return rows.length;
    }),
});

/**
 * Returns true when the store is closed. Call it in the transaction that inserts a product of the store: the lock is held until its end.
 */
export async function isStoreClosed(client: pg.ClientBase, storeId: bigint | null): Promise<boolean> {
  if (storeId === null) return false;
  await client.query(LOCK_SHARED, [storeId]);
  const { rows } = await client.query<{ closed: boolean }>(IS_CLOSED, [storeId]);
  return rows[0]?.closed ?? false;
}
