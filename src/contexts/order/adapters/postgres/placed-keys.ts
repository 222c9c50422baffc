import { numbers } from '../../../../platform/postgres/array-literal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { PlacedKeys } from '../../application/ports.ts';

/**
 * Answers the places of those that are, counted from 1: hardly any, where hundreds are asked for. A range and its order leave only
 * the index of keys, see LOAD_ORDERS in order-reads.ts.
 */
const ARE_PLACED = `
  select asked.place::int as place
  from unnest($1::bigint[], $2::text[]) with ordinality as asked(user_id, key, place) cross join lateral (
    select id from orders.orders
    where user_id = asked.user_id and key >= asked.key and key <= asked.key order by key limit 1) as found`;

export const postgresPlacedKeys = ({ lanes }: Pick<Database, 'lanes'>): PlacedKeys => ({
  async arePlaced(asked) {
    const values = [numbers(asked, ({ userId }) => userId), asked.map(({ key }) => key)];
    const { rows } = await lanes.query<{ place: number }>({ name: 'orders-are-placed', text: ARE_PLACED, values });
    const places = new Set(rows.map(({ place }) => place));
    return asked.map((_, index) => places.has(index + 1));
  },
});
