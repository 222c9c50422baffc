import pg from 'pg';
import { env, type OrderRequest, type Placed, serve } from './serve.ts';

/**
 * The usual implementation: one transaction for each request that locks the sale, checks it, and writes the same rows as the real
 * system, without the event and without the limit of open orders.
 */
const max = Number(env('POOL_MAX'));
const pool = new pg.Pool({ connectionString: env('DATABASE_URL'), max, min: max, idleTimeoutMillis: 0 });
const RESERVED_MS = 600_000;
let lastId = BigInt(Date.now()) << 20n;

const LOCK = `
  select s.product_id::text as "productId", p.name as "productName", s.sale_price::int as "unitPrice", s.stock,
    s.limit_per_user as "limitPerUser"
  from orders.time_sales as s join orders.products as p on p.id = s.product_id
  where s.id = $1 and s.starts_at <= now() and now() < s.ends_at and not p.hidden
  for no key update of s`;
const BUY = `
  insert into orders.time_sale_buyers as b (time_sale_id, user_id, quantity) values ($1, $2, $3)
  on conflict (time_sale_id, user_id) do update set quantity = b.quantity + excluded.quantity returning quantity`;
const TAKE = 'update orders.time_sales set stock = stock - $2, reserved = reserved + $2 where id = $1';
const ORDER = `
  insert into orders.orders (id, user_id, key, content_hash, status, use_points, subtotal, coupon_discount, points_used,
    created_at, expires_at, resume_at)
  values ($1, $2, $3, 'a hash of 22 letters..', 'RESERVED', 0, $4, 0, 0, $5, $6, $6)`;
const LINE = `
  insert into orders.order_lines (order_id, line, product_id, time_sale_id, product_name, quantity, unit_price)
  values ($1, 1, $2, $3, $4, $5, $6)`;
const HISTORY = `
  insert into orders.order_history (order_id, version, status, amount, note, group_id, at)
  values ($1, 1, 'RESERVED', $2, 'placed', $1, $3)`;

async function place(client: pg.PoolClient, request: OrderRequest): Promise<Placed | undefined> {
  const { timeSaleId, userId, quantity, key } = request;
  const run = (name: string, text: string, values: unknown[]) => client.query({ name, text, values });
  const [sale] = (await run('lock', LOCK, [timeSaleId])).rows;
  if (!sale || sale.stock < quantity) return undefined;
  const [bought] = (await run('buy', BUY, [timeSaleId, userId, quantity])).rows;
  if (bought.quantity > sale.limitPerUser) return undefined;
  lastId += 1n;
  const orderId = String(lastId);
  const { productId, productName, unitPrice } = sale;
  const createdAt = new Date();
  const expiresAt = new Date(createdAt.getTime() + RESERVED_MS);
  const total = unitPrice * quantity;
  await run('take', TAKE, [timeSaleId, quantity]);
  await run('order', ORDER, [orderId, userId, key, total, createdAt, expiresAt]);
  await run('line', LINE, [orderId, productId, timeSaleId, productName, quantity, unitPrice]);
  await run('history', HISTORY, [orderId, total, createdAt]);
  return { orderId, productId, productName, unitPrice, createdAt };
}

await serve(
  {
    async place(request) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const placed = await place(client, request);
        await client.query(placed === undefined ? 'rollback' : 'commit');
        return placed;
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
    stop: () => pool.end(),
  },
  { pays: false },
);
