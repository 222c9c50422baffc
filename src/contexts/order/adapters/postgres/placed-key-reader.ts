import { numbers } from '../../../../platform/postgres/array-literal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { PlacedKeyReader } from '../../application/ports.ts';

/**
 * Returns the positions of the keys that have an order, counted from 1: few of hundreds. For the range with its order, see LOAD_ORDERS
 * in order-reads.ts.
 */
const ARE_PLACED = `
  select asked.place::int as place
  from unnest($1::bigint[], $2::text[]) with ordinality as asked(user_id, key, place) cross join lateral (
    select id from orders.orders
    where user_id = asked.user_id and key >= asked.key and key <= asked.key order by key limit 1) as found`;

export const postgresPlacedKeyReader = ({ batchPool }: Pick<Database, 'batchPool'>): PlacedKeyReader => ({
  async arePlaced(keys) {
    const values = [numbers(keys, ({ userId }) => userId), keys.map(({ key }) => key)];
    const { rows } = await batchPool.query<{ place: number }>({ name: 'orders-are-placed', text: ARE_PLACED, values });
    const positions = new Set(rows.map(({ place }) => place));
    return keys.map((_, index) => positions.has(index + 1));
  },
});
