import { arrayLiteral } from '../../../../platform/postgres/array-literal.ts';
import type { Statement } from '../../../../platform/postgres/batch-transaction.ts';
import type { OrderInput } from '../../domain/input.ts';
import { PRODUCT_COLUMNS, TIME_SALE_COLUMNS } from './catalog-mappings.ts';
import { ORDER_COLUMNS, PAYMENT_COLUMNS, REFUND_COLUMNS } from './order-mappings.ts';

/** The statements of a batch's first round trip: locks, in the order that all batches use, then the rows that depend on them. */
export type OrderRead =
  | 'users'
  | 'products'
  | 'time sales'
  | 'locks'
  | 'orders'
  | 'payments'
  | 'refunds'
  | 'bought'
  | 'open';

// Locks the users who place orders, so that their open orders, their units of time sales and their keys are exact.
const LOCK_USERS = `
  select pg_advisory_xact_lock(key) from (
    select hashtextextended('orders.user:' || id, 0) as key from unnest($1::bigint[]) as id order by 1) as keys`;

// Lines never move to another product or time sale, so lines that are found before the lock are right. A locked row has the columns
// that the previous holder of its lock committed.
const LOCK_PRODUCTS = `
  select ${PRODUCT_COLUMNS} from orders.products as p
  where p.id = any(array(
    select unnest($1::bigint[]) union select product_id from orders.order_lines where order_id = any($2::bigint[])))
  order by p.id for no key update`;

const LOCK_TIME_SALES = `
  select ${TIME_SALE_COLUMNS} from orders.time_sales as s
  where s.id = any(array(
    select unnest($1::bigint[])
    union select time_sale_id from orders.order_lines where order_id = any($2::bigint[]) and time_sale_id is not null))
  order by s.id for no key update`;

const LOCK_ORDERS = `
  select 1 from orders.orders where id = any($1::bigint[]) order by id for no key update`;

// Separate statements from here on: only a statement that starts after the locks sees what their previous holders committed.
// One index lookup for each name: a join could keep the plan of a small table, a sequential scan. The range with its order can only
// use the index of keys: with an equality, the planner of a small table may choose another index that begins with the user. An order
// that is found by its key is only returned, so it needs no lock.
const LOAD_ORDERS = `
  select ${ORDER_COLUMNS} from orders.orders as o
  where o.id = any(array(
    select unnest($1::bigint[])
    union select found.id from unnest($2::bigint[], $3::text[]) as k(user_id, key) cross join lateral (
      select id from orders.orders where user_id = k.user_id and key >= k.key and key <= k.key order by key limit 1) as found))`;

const LOAD_PAYMENTS = `
  select ${PAYMENT_COLUMNS} from orders.payments as y where y.order_id = any($1::bigint[])`;

const LOAD_REFUNDS = `
  select ${REFUND_COLUMNS} from orders.refunds as r where r.order_id = any($1::bigint[])`;

// The offset keeps the planner from joining the lines of all orders.
const LOAD_BOUGHT = `
  select b.time_sale_id as "timeSaleId", b.user_id as "userId", b.quantity
  from (
    select * from unnest($1::bigint[], $2::bigint[]) as named(time_sale_id, user_id)
    union select l.time_sale_id, o.user_id from orders.orders as o cross join lateral (
        select time_sale_id from orders.order_lines where order_id = o.id and time_sale_id is not null offset 0) as l
      where o.id = any($3::bigint[])) as n
  cross join lateral (
    select * from orders.time_sale_buyers where time_sale_id = n.time_sale_id and user_id = n.user_id limit 1) as b`;

const COUNT_OPEN = `
  select n.user_id as "userId", (
    select count(*)::int from orders.orders where user_id = n.user_id and status in ('PENDING', 'RESERVED')) as open
  from unnest($1::bigint[]) as n(user_id)`;

/** The rows that the inputs name, to lock or to look up. */
interface Named {
  readonly users: Set<bigint>;
  readonly products: Set<bigint>;
  readonly timeSales: Set<bigint>;
  readonly orders: Set<bigint>;
  readonly keys: { readonly userId: bigint; readonly key: string }[];
  readonly buyers: { readonly timeSaleId: bigint; readonly userId: bigint }[];
}

/** Omits statements without rows to read: orders of one product need four statements. */
export function orderReads(inputs: readonly OrderInput[]): Map<OrderRead, Statement> {
  const named = namesIn(inputs);
  const reads = new Map<OrderRead, Statement>();
  const read = (name: OrderRead, text: string, values: readonly unknown[]) =>
    reads.set(name, { name: `order-${name}`, text, values });
  const places = named.keys.length > 0;
  const updates = named.orders.size > 0;
  const [users, orders] = [arrayLiteral(named.users), arrayLiteral(named.orders)];
  const buyers = [
    arrayLiteral(named.buyers.map(({ timeSaleId }) => timeSaleId)),
    arrayLiteral(named.buyers.map(({ userId }) => userId)),
  ];
  if (places) read('users', LOCK_USERS, [users]);
  if (places || updates) read('products', LOCK_PRODUCTS, [arrayLiteral(named.products), orders]);
  if (named.timeSales.size > 0 || updates) read('time sales', LOCK_TIME_SALES, [arrayLiteral(named.timeSales), orders]);
  if (updates) read('locks', LOCK_ORDERS, [orders]);
  read('orders', LOAD_ORDERS, [
    orders,
    arrayLiteral(named.keys.map(({ userId }) => userId)),
    named.keys.map(({ key }) => key),
  ]);
  if (updates) {
    read('payments', LOAD_PAYMENTS, [orders]);
    read('refunds', LOAD_REFUNDS, [orders]);
  }
  if (named.buyers.length > 0 || updates) read('bought', LOAD_BOUGHT, [...buyers, orders]);
  if (places) read('open', COUNT_OPEN, [users]);
  return reads;
}

function namesIn(inputs: readonly OrderInput[]): Named {
  const named: Named = {
    users: new Set(),
    products: new Set(),
    timeSales: new Set(),
    orders: new Set(),
    keys: [],
    buyers: [],
  };
  for (const input of inputs) {
    if (input.kind !== 'PLACE') {
      named.orders.add(input.orderId);
      continue;
    }
    const { userId, key, items } = input;
    named.users.add(userId);
    named.keys.push({ userId, key });
    for (const { productId, timeSaleId } of items) {
      named.products.add(productId);
      if (timeSaleId === null) continue;
      named.timeSales.add(timeSaleId);
      named.buyers.push({ timeSaleId, userId });
    }
  }
  return named;
}
