import { withClient } from '../with-client.ts';

export interface StoredOrder {
  readonly id: string;
  readonly userId: string;
  readonly status: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

/** What the database holds of a time sale. */
export interface StoredSale {
  readonly stock: number;
  readonly reserved: number;
  readonly orders: readonly StoredOrder[];
}

export const readSale = (databaseUrl: string, timeSaleId: string): Promise<StoredSale> =>
  withClient(databaseUrl, async (client) => {
    const units = await client.query<{ stock: number; reserved: number }>(
      'select stock, reserved from orders.time_sales where id = $1::bigint',
      [timeSaleId],
    );
    const orders = await client.query<StoredOrder>(
      `select o.id::text as id, o.user_id::text as "userId", o.status, l.quantity, l.unit_price::int as "unitPrice"
         from orders.order_lines as l join orders.orders as o on o.id = l.order_id where l.time_sale_id = $1::bigint`,
      [timeSaleId],
    );
    const { stock, reserved } = units.rows[0] ?? { stock: Number.NaN, reserved: Number.NaN };
    return { stock, reserved, orders: orders.rows };
  });
