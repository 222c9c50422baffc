import type { InferSelectModel } from 'drizzle-orm';
import { numbers } from '../../../../platform/postgres/array-literal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { PlacementLookup } from '../../application/ports.ts';
import { TIME_SALE, TIME_SALE_COLUMNS } from './catalog-mappings.ts';
import type { timeSales } from './schema.ts';

/**
 * Returns the positions of the keys that have an order, counted from 1: few of hundreds. For the range with its order, see LOAD_ORDERS
 * in order-reads.ts.
 */
const ARE_PLACED = `
  select asked.place::int as place
  from unnest($1::bigint[], $2::text[]) with ordinality as asked(user_id, key, place) cross join lateral (
    select id from orders.orders
    where user_id = asked.user_id and key >= asked.key and key <= asked.key order by key limit 1) as found`;

// One statement, so that the sale and its buyers are of one snapshot; one row, so that 100,000 buyers are cheap to read. The row of a
// buyer remains when the order ends.
const BUYERS = `
  select ${TIME_SALE_COLUMNS}, held.users, held.count
  from orders.time_sales as s cross join lateral (
    select string_agg(user_id::text, ',') as users, count(*)::int as count
    from (select user_id from orders.time_sale_buyers where time_sale_id = s.id limit $2::int + 1) as b) as held
  where s.id = $1`;

type BuyersRow = InferSelectModel<typeof timeSales> & { readonly users: string | null; readonly count: number };

export const postgresPlacementLookup = ({ batchPool }: Pick<Database, 'batchPool'>): PlacementLookup => ({
  async buyers(timeSaleId, max) {
    const { rows } = await batchPool.query<BuyersRow>({
      name: 'orders-buyers',
      text: BUYERS,
      values: [timeSaleId, max],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const { users, count } = row;
    const timeSale = TIME_SALE.fromModel(row);
    return { timeSale, users: count <= max ? new Set(users?.split(',').map(BigInt)) : undefined };
  },
  async arePlaced(keys) {
    const values = [numbers(keys, ({ userId }) => userId), keys.map(({ key }) => key)];
    const { rows } = await batchPool.query<{ place: number }>({ name: 'orders-are-placed', text: ARE_PLACED, values });
    const positions = new Set(rows.map(({ place }) => place));
    return keys.map((_, index) => positions.has(index + 1));
  },
});
