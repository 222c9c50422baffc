import { numbers } from '../../../../platform/postgres/array-literal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { PlacedKeys } from '../../application/ports.ts';

/** Answers the places of those that are, counted from 1: hardly any, where hundreds are asked for. */
const ARE_PLACED = `
  select asked.place::int as place
  from unnest($1::bigint[], $2::text[]) with ordinality as asked(user_id, key, place)
  where exists (select 1 from orders.orders o where o.user_id = asked.user_id and o.key = asked.key)`;

export const postgresPlacedKeys = ({ pool }: Pick<Database, 'pool'>): PlacedKeys => ({
  async arePlaced(asked) {
    const values = [numbers(asked, ({ userId }) => userId), asked.map(({ key }) => key)];
    const { rows } = await pool.query<{ place: number }>({ name: 'orders-are-placed', text: ARE_PLACED, values });
    const places = new Set(rows.map(({ place }) => place));
    return asked.map((_, index) => places.has(index + 1));
  },
});
