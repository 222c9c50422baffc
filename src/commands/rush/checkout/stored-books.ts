import { databasesOfShards, type StoredData } from '../../../app/databases.ts';
import { withClient, withEachClient } from '../with-client.ts';

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
  data: StoredData,
  {
    productId,
    policyId,
    users,
  }: { productId: string; policyId: string; users: readonly [first: bigint, last: bigint] },
): Promise<StoredBooks> {
  const { orders, product } = await withClient(data.databases.order, async (client) => ({
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
  const points = await withEachClient(databasesOfShards(data, 'point'), (client) =>
    client.query<StoredBooks['points']>(
      `select coalesce(sum(balance), 0)::float8 as balance, coalesce(sum(held), 0)::float8 as held
         from point.accounts where user_id between $1 and $2`,
      [...users],
    ),
  );
  const coupons = await withEachClient(databasesOfShards(data, 'coupon'), (client) =>
    client.query<{ used: number }>(
      `select count(*)::int as used from coupon.coupon_issues where policy_id = $1::bigint and status = 'USED'`,
      [policyId],
    ),
  );
  const none = { supplied: Number.NaN, stock: Number.NaN, reserved: Number.NaN, sold: Number.NaN };
  return {
    orders: orders.rows,
    product: product.rows[0] ?? none,
    points: {
      balance: sum(points.map(({ rows }) => rows[0]?.balance ?? Number.NaN)),
      held: sum(points.map(({ rows }) => rows[0]?.held ?? Number.NaN)),
    },
    couponsUsed: sum(coupons.map(({ rows }) => rows[0]?.used ?? Number.NaN)),
  };
}

const sum = (shares: readonly number[]): number => shares.reduce((total, share) => total + share, 0);
