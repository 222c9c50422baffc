import type { Databases } from '../../../app/databases.ts';
import { withClient } from '../with-client.ts';

export interface StoredCheckout {
  readonly id: string;
  readonly userId: string;
  readonly status: string;
  readonly subtotal: number;
  readonly couponDiscount: number;
  readonly pointsUsed: number;
}

/** The stored data of the users of a rush, its product and its policy. */
export interface StoredBooks {
  readonly orders: readonly StoredCheckout[];
  readonly product: {
    readonly supplied: number;
    readonly stock: number;
    readonly reserved: number;
    readonly sold: number;
  };
  readonly points: { readonly balance: number; readonly held: number };
  readonly couponsUsed: number;
}

export async function readBooks(
  databases: Pick<Databases, 'order' | 'point' | 'coupon'>,
  {
    productId,
    policyId,
    users,
  }: { productId: string; policyId: string; users: readonly [first: bigint, last: bigint] },
): Promise<StoredBooks> {
  const { orders, product } = await withClient(databases.order, async (client) => ({
    orders: await client.query<StoredCheckout>(
      `select id::text as id, user_id::text as "userId", status, subtotal::int as subtotal,
              coupon_discount::int as "couponDiscount", points_used::int as "pointsUsed"
         from orders.orders where user_id between $1 and $2`,
      [...users],
    ),
    product: await client.query<StoredBooks['product']>(
      'select supplied, stock, reserved, sold from orders.products where id = $1::bigint',
      [productId],
    ),
  }));
  const points = await withClient(databases.point, (client) =>
    client.query<StoredBooks['points']>(
      `select coalesce(sum(balance), 0)::float8 as balance, coalesce(sum(held), 0)::float8 as held
         from point.accounts where user_id between $1 and $2`,
      [...users],
    ),
  );
  const coupons = await withClient(databases.coupon, (client) =>
    client.query<{ used: number }>(
      `select count(*)::int as used from coupon.coupon_issues where policy_id = $1::bigint and status = 'USED'`,
      [policyId],
    ),
  );
  const none = { supplied: Number.NaN, stock: Number.NaN, reserved: Number.NaN, sold: Number.NaN };
  return {
    orders: orders.rows,
    product: product.rows[0] ?? none,
    points: points.rows[0] ?? { balance: Number.NaN, held: Number.NaN },
    couponsUsed: coupons.rows[0]?.used ?? 0,
  };
}
