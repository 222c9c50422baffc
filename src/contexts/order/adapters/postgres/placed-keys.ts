import type { Database } from '../../../../platform/postgres/database.ts';
import type { PlacedKeys } from '../../application/ports.ts';

const ARE_PLACED = `
  select exists (select 1 from orders.orders o where o.user_id = asked.user_id and o.key = asked.key) as placed
  from unnest($1::bigint[], $2::text[]) with ordinality as asked(user_id, key, place) order by asked.place`;

export const postgresPlacedKeys = ({ pool }: Pick<Database, 'pool'>): PlacedKeys => ({
  async arePlaced(asked) {
    const values = [asked.map(({ userId }) => String(userId)), asked.map(({ key }) => key)];
    const { rows } = await pool.query<{ placed: boolean }>({ name: 'orders-are-placed', text: ARE_PLACED, values });
    return rows.map(({ placed }) => placed);
  },
});
