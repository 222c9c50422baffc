import type { Database } from '../../../../platform/postgres/database.ts';
import type { EarningReader } from '../../application/ports.ts';

const KNOWN = `
  select user_id as "userId", order_id as "orderId" from unnest($1::bigint[], $2::text[]) as o(user_id, order_id)
    join point.order_earnings using (user_id, order_id)`;

export const postgresEarningReader = ({ pool }: Pick<Database, 'pool'>): EarningReader => ({
  async withEarnings(orders) {
    const values = [orders.map(({ userId }) => userId), orders.map(({ orderId }) => orderId)];
    return (await pool.query<{ userId: bigint; orderId: string }>(KNOWN, values)).rows;
  },
});
