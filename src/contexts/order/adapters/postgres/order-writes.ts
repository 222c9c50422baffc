import { INSERT_OUTBOX, outboxValues } from '../../../../platform/events/outbox.ts';
import type { Statement } from '../../../../platform/postgres/batch-transaction.ts';
import { orderEvents } from '../../application/order-events.ts';
import type { OrderDecision, OrderSnapshot } from '../../domain/decision.ts';
import {
  buyerValues,
  changedLinesOf,
  dailySaleValues,
  frozenLineValues,
  frozenOrderValues,
  frozenPaymentValues,
  frozenRefundValues,
  historyValues,
  instant,
  linesOf,
  lineValues,
  orderValues,
  paymentValues,
  productValues,
  refundLinesOf,
  refundLineValues,
  refundValues,
  timeSaleValues,
} from './order-values.ts';

const UPDATE_PRODUCTS = `
  update orders.products as p set stock = new.stock, reserved = new.reserved, sold = new.sold
  from unnest($1::bigint[], $2::int[], $3::int[], $4::int[]) as new(id, stock, reserved, sold) where p.id = new.id`;

const UPDATE_TIME_SALES = `
  update orders.time_sales as s
  set stock = new.stock, reserved = new.reserved, sold = new.sold, returned = new.returned, restocks = new.restocks
  from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[])
    as new(id, stock, reserved, sold, returned, restocks)
  where s.id = new.id`;

const PUT_BUYERS = `
  insert into orders.time_sale_buyers (time_sale_id, user_id, quantity)
  select * from unnest($1::bigint[], $2::bigint[], $3::int[])
  on conflict (time_sale_id, user_id) do update set quantity = excluded.quantity`;

const ADD_DAILY_SALES = `
  insert into orders.product_daily_sales as d (day, product_id, quantity)
  select * from unnest($1::date[], $2::bigint[], $3::int[])
  on conflict (day, product_id) do update set quantity = d.quantity + excluded.quantity`;

const INSERT_ORDERS = `
  insert into orders.orders (id, status, step, ending, refusal_code, refusal_details, payment_id, paid_at, ended_at,
    coupon_discount, points_used, refunded_amount, refunded_points, expires_at, resume_at, attempts, version, reserved_at,
    user_id, key, content_hash, coupon_id, use_points, expected_total, subtotal, created_at)
  select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[],
    $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::timestamptz[],
    $15::timestamptz[], $16::int[], $17::int[], $18::timestamptz[], $19::bigint[], $20::text[], $21::text[], $22::bigint[], $23::bigint[],
    $24::bigint[], $25::bigint[], $26::timestamptz[])`;

const UPDATE_ORDERS = `
  update orders.orders as o
  set status = new.status, step = new.step, ending = new.ending, refusal_code = new.refusal_code,
    refusal_details = new.refusal_details, payment_id = new.payment_id, paid_at = new.paid_at, ended_at = new.ended_at,
    coupon_discount = new.coupon_discount, points_used = new.points_used, refunded_amount = new.refunded_amount,
    refunded_points = new.refunded_points, expires_at = new.expires_at, resume_at = new.resume_at, attempts = new.attempts,
    version = new.version, reserved_at = new.reserved_at
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[], $8::timestamptz[],
    $9::timestamptz[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::timestamptz[], $15::timestamptz[],
    $16::int[], $17::int[], $18::timestamptz[]) as new(id, status, step, ending, refusal_code, refusal_details, payment_id, paid_at, ended_at,
    coupon_discount, points_used, refunded_amount, refunded_points, expires_at, resume_at, attempts, version, reserved_at)
  where o.id = new.id`;

const INSERT_LINES = `
  insert into orders.order_lines (order_id, line, coupon_discount, points_used, refunded_quantity, product_id, time_sale_id,
    product_name, quantity, unit_price)
  select * from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[], $8::text[],
    $9::int[], $10::bigint[])`;

const UPDATE_LINES = `
  update orders.order_lines as l
  set coupon_discount = new.coupon_discount, points_used = new.points_used, refunded_quantity = new.refunded_quantity
  from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::int[])
    as new(order_id, line, coupon_discount, points_used, refunded_quantity)
  where l.order_id = new.order_id and l.line = new.line`;

const INSERT_PAYMENTS = `
  insert into orders.payments (id, status, amount, provider_ref, provider_url, refusal_code, refusal_details, settled_at,
    order_id, user_id, method, key, content_hash, created_at)
  select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
    $8::timestamptz[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::timestamptz[])`;

const UPDATE_PAYMENTS = `
  update orders.payments as y
  set status = new.status, amount = new.amount, provider_ref = new.provider_ref, provider_url = new.provider_url,
    refusal_code = new.refusal_code, refusal_details = new.refusal_details, settled_at = new.settled_at
  from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::timestamptz[])
    as new(id, status, amount, provider_ref, provider_url, refusal_code, refusal_details, settled_at)
  where y.id = new.id`;

const INSERT_REFUNDS = `
  insert into orders.refunds (id, step, resume_at, attempts, order_id, payment_id, key, content_hash, money, points,
    restores_coupon, reason, by, created_at)
  select * from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::int[], $5::bigint[], $6::bigint[], $7::text[],
    $8::text[], $9::bigint[], $10::bigint[], $11::boolean[], $12::text[], $13::text[], $14::timestamptz[])`;

const UPDATE_REFUNDS = `
  update orders.refunds as r set step = new.step, resume_at = new.resume_at, attempts = new.attempts
  from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::int[]) as new(id, step, resume_at, attempts)
  where r.id = new.id`;

const INSERT_REFUND_LINES = `
  insert into orders.refund_lines (refund_id, line, quantity, money, points)
  select * from unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], $5::bigint[])`;

const INSERT_HISTORY = `
  insert into orders.order_history (order_id, version, status, amount, note, group_id, at)
  select *, $6::bigint, $7::timestamptz from unnest($1::bigint[], $2::int[], $3::text[], $4::bigint[], $5::text[])`;

/** The statements of a batch's second round trip. `groupId` identifies the batch in the history and the outbox. */
export function orderWrites(decision: OrderDecision, snapshot: OrderSnapshot, groupId: bigint): Statement[] {
  const writes: Statement[] = [];
  const write = <Row>(
    rows: readonly Row[],
    name: string,
    text: string,
    valuesOf: (rows: readonly Row[]) => unknown[],
  ) => {
    if (rows.length > 0) writes.push({ name: `order-${name}`, text, values: valuesOf(rows) });
  };
  const { newOrders, changedOrders, newRefunds, nowMs } = decision;
  write(decision.products, 'products-update', UPDATE_PRODUCTS, productValues);
  write(decision.timeSales, 'time-sales-update', UPDATE_TIME_SALES, timeSaleValues);
  write(decision.bought, 'buyers-put', PUT_BUYERS, buyerValues);
  write(decision.dailySales, 'daily-sales-add', ADD_DAILY_SALES, dailySaleValues);
  write(newOrders, 'insert', INSERT_ORDERS, (rows) => [...orderValues(rows), ...frozenOrderValues(rows)]);
  write(newOrders.flatMap(linesOf), 'lines-insert', INSERT_LINES, (rows) => [
    ...lineValues(rows),
    ...frozenLineValues(rows),
  ]);
  write(changedOrders, 'update', UPDATE_ORDERS, orderValues);
  const changedLines = changedOrders.flatMap((order) => changedLinesOf(order, snapshot.orders.get(order.id)));
  write(changedLines, 'lines-update', UPDATE_LINES, lineValues);
  write(decision.newPayments, 'payments-insert', INSERT_PAYMENTS, (rows) => [
    ...paymentValues(rows),
    ...frozenPaymentValues(rows),
  ]);
  write(decision.changedPayments, 'payments-update', UPDATE_PAYMENTS, paymentValues);
  write(newRefunds, 'refunds-insert', INSERT_REFUNDS, (rows) => [...refundValues(rows), ...frozenRefundValues(rows)]);
  write(newRefunds.flatMap(refundLinesOf), 'refund-lines-insert', INSERT_REFUND_LINES, refundLineValues);
  write(decision.changedRefunds, 'refunds-update', UPDATE_REFUNDS, refundValues);
  write(decision.history, 'history-insert', INSERT_HISTORY, (rows) => [
    ...historyValues(rows),
    String(groupId),
    instant(nowMs),
  ]);
  const events = orderEvents(decision);
  if (events.length > 0) writes.push({ name: 'outbox', text: INSERT_OUTBOX, values: outboxValues(groupId, events) });
  return writes;
}
