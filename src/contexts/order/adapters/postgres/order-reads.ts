import { arrayLiteral } from '../../../../platform/postgres/array-literal.ts';
import type { Statement } from '../../../../platform/postgres/batch-transaction.ts';
import type { OrderCommand } from '../../domain/command.ts';
import { ORDER_COLUMNS, PAYMENT_COLUMNS, PRODUCT_COLUMNS, REFUND_COLUMNS, TIME_SALE_COLUMNS } from './order-rows.ts';

/** The first round trip of a batch by name: locks in the one order that all batches take them in, then what depends on them. */
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

// Of those who place orders: what they have open, what they have of a time sale and their keys are exact because of it.
const LOCK_USERS = `
  select pg_advisory_xact_lock(key) from (
    select hashtextextended('orders.user:' || id, 0) as key from unnest($1::bigint[]) as id order by 1) as keys`;

// Lines never move to another product or time sale, so those found before the lock are right. The columns of a locked row are
// as the previous holder of its lock left them.
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

// Statements of their own from here on: only one that starts after the locks sees what their previous holders committed.
// One look into the index a name: a join could be planned as a scan of everything, from when there was little. A range and its
// order leave only the index of keys: with an equality, one that begins with the user too is as good while there is little. What
// was found by its key is only shown again, so it needs no lock.
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

// The offset keeps the lines of each order a look-up of their own.
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

/** What the commands name, each list to be locked or looked up. */
interface Named {
  readonly users: Set<bigint>;
  readonly products: Set<bigint>;
  readonly timeSales: Set<bigint>;
  readonly orders: Set<bigint>;
  readonly keys: { readonly userId: bigint; readonly key: string }[];
  readonly buyers: { readonly timeSaleId: bigint; readonly userId: bigint }[];
}

/** What there is nothing to ask about is not asked: orders of one product need no more than four statements. */
export function orderReads(commands: readonly OrderCommand[]): Map<OrderRead, Statement> {
  const named = namesIn(commands);
  const reads = new Map<OrderRead, Statement>();
  const read = (name: OrderRead, text: string, values: readonly unknown[]) =>
    reads.set(name, { name: `order-${name}`, text, values });
  const placing = named.keys.length > 0;
  const knows = named.orders.size > 0;
  const [users, orders] = [arrayLiteral(named.users), arrayLiteral(named.orders)];
  const buyers = [
    arrayLiteral(named.buyers.map(({ timeSaleId }) => timeSaleId)),
    arrayLiteral(named.buyers.map(({ userId }) => userId)),
  ];
  if (placing) read('users', LOCK_USERS, [users]);
  if (placing || knows) read('products', LOCK_PRODUCTS, [arrayLiteral(named.products), orders]);
  if (named.timeSales.size > 0 || knows) read('time sales', LOCK_TIME_SALES, [arrayLiteral(named.timeSales), orders]);
  if (knows) read('locks', LOCK_ORDERS, [orders]);
  read('orders', LOAD_ORDERS, [
    orders,
    arrayLiteral(named.keys.map(({ userId }) => userId)),
    named.keys.map(({ key }) => key),
  ]);
  if (knows) {
    read('payments', LOAD_PAYMENTS, [orders]);
    read('refunds', LOAD_REFUNDS, [orders]);
  }
  if (named.buyers.length > 0 || knows) read('bought', LOAD_BOUGHT, [...buyers, orders]);
  if (placing) read('open', COUNT_OPEN, [users]);
  return reads;
}

function namesIn(commands: readonly OrderCommand[]): Named {
  const named: Named = {
    users: new Set(),
    products: new Set(),
    timeSales: new Set(),
    orders: new Set(),
    keys: [],
    buyers: [],
  };
  for (const command of commands) {
    if (command.kind === 'FACT') {
      named.orders.add(command.orderId);
      continue;
    }
    const { userId, key, items } = command;
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
