import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHARGED, type Checkouts } from './checkout-faults.ts';
import { retryingClient } from './retrying-client.ts';
import { audit, type System } from './system.ts';

/** After this time every unpaid order has expired, and every retry is due. */
const LATER_SECONDS = 15 * 60;
const TURNS_MAX = 120;

const OPEN = `
  select (select count(*) from orders.orders where status in ('PENDING', 'RESERVED') or step is not null)::int
    + (select count(*) from orders.refunds where step is not null)::int as open`;
const BOOKS = `
  with kept as (
    select y.method, sum(y.amount - coalesce(back, 0)) as amount from orders.payments as y
      left join (select payment_id, sum(money) as back from orders.refunds group by 1) as r on r.payment_id = y.id
    where y.status in ('COMPLETED', 'REFUNDED') group by 1
  ), due as (
    select y.method, sum(o.subtotal - o.coupon_discount - o.points_used - o.refunded_amount) as amount
    from orders.orders as o join orders.payments as y on y.id = o.payment_id
    where o.status in ('PAID', 'REFUNDED') group by 1
  )
  select
    (select json_object_agg(method, amount) from kept) as kept,
    (select json_object_agg(method, amount) from due) as due,
    (select coalesce(sum(amount), 0) from orders.sandbox_payments where status = 'APPROVED')
      - (select coalesce(sum(amount), 0) from orders.sandbox_refunds) as provider,
    (select coalesce(sum(points_used - refunded_points), 0) from orders.orders where status in ('PAID', 'REFUNDED')) as used`;

interface Books {
  readonly kept: Readonly<Record<string, number>>;
  readonly due: Readonly<Record<string, number>>;
  readonly provider: string;
  readonly used: string;
}

/** Advances time until nothing is open. Then every response is true, money and points add up, and the audit passes. */
export async function expectSettled(
  system: System,
  done: Pick<Checkouts, 'data' | 'wrong'>,
  { checkouts }: { readonly checkouts: number },
): Promise<void> {
  deepEqual(done.wrong, []);
  equal(done.data.length, checkouts, 'customers with a final response');
  await settle(system);

  const rows = await system.query<{ id: string; user_id: string; status: string; back: string }>(
    'order',
    'select id::text, user_id::text, status, (refunded_amount + refunded_points)::text as back from orders.orders',
  );
  const orders = new Map(rows.map((row) => [row.id, row]));
  const untrue = done.data.filter(({ orderId, user, status, refunded }) => {
    if (orderId === null) return rows.some((row) => row.user_id === user && row.status !== 'FAILED');
    const row = orders.get(orderId);
    const isStill = status === 'RESERVED' || row?.status === status;
    return row?.user_id !== user || !isStill || Number(row.back) !== refunded;
  });
  deepEqual(untrue, []);
  // One order for each customer, however often the request was repeated.
  equal(new Set(rows.map((row) => row.user_id)).size, rows.length, 'users with an order');

  const [books] = await system.query<Books & Record<string, unknown>>('order', BOOKS);
  if (!books) throw new Error('no books');
  deepEqual(books.kept, books.due);
  equal(Number(books.provider), books.due['EXTERNAL'] ?? 0, 'money at the provider');
  const spent = (books.due['POINTS'] ?? 0) + Number(books.used);
  const [points] = await system.query<{ sum: string }>('point', 'select sum(balance) from point.accounts');
  equal(Number(points?.sum), checkouts * CHARGED - spent, 'points of all accounts');

  const { code, output } = await audit(system);
  equal(code, 0, output);
}

/** An administrator moves the clock, which runs what is due. */
async function settle(system: System): Promise<void> {
  const client = retryingClient(system, { connections: 1 });
  try {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      if (turns % 20 === 0) {
        const clock = {
          user: '1',
          role: 'ADMIN',
          path: 'sandbox/clock',
          json: { advanceSeconds: LATER_SECONDS },
        } as const;
        await client.send(clock);
      }
      const [row] = await system.query<{ open: number }>('order', OPEN);
      if (row?.open === 0) return;
      await sleep(500);
    }
    throw new Error('orders or refunds stay open');
  } finally {
    await client.close();
  }
}
