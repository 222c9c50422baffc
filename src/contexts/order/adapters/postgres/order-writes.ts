import { RowWrites, type Statement } from '../../../../platform/postgres/statement.ts';
import type { OrderDecision, OrderSnapshot } from '../../domain/decision.ts';
import type { Order, OrderLine, Refund, RefundLine } from '../../domain/order.ts';
import { PRODUCT_UNITS, TIME_SALE_UNITS } from './catalog-mappings.ts';
import {
  BUYER,
  DAILY_SALE,
  HISTORY,
  LINE,
  LINE_CHANGE,
  LINE_CHANGES,
  ORDER,
  ORDER_CHANGE,
  PAYMENT,
  PAYMENT_CHANGE,
  REFUND,
  REFUND_CHANGE,
  REFUND_LINE,
} from './order-mappings.ts';

const UPDATE_PRODUCTS = `
  update orders.products as p set ${PRODUCT_UNITS.assignments()}
  from unnest(${PRODUCT_UNITS.arrays()}) as new(${PRODUCT_UNITS.names}) where p.id = new.id`;

const UPDATE_TIME_SALES = `
  update orders.time_sales as s
  set ${TIME_SALE_UNITS.assignments()}
  from unnest(${TIME_SALE_UNITS.arrays()})
    as new(${TIME_SALE_UNITS.names})
  where s.id = new.id`;

const PUT_BUYERS = `
  insert into orders.time_sale_buyers (${BUYER.insertColumns})
  select * from unnest(${BUYER.arrays()})
  on conflict (time_sale_id, user_id) do update set ${BUYER.assignments('excluded.')}`;

const ADD_DAILY_SALES = `
  insert into orders.product_daily_sales as d (${DAILY_SALE.insertColumns})
  select * from unnest(${DAILY_SALE.arrays()})
  on conflict (day, product_id) do update set quantity = d.quantity + excluded.quantity`;

const INSERT_ORDERS = `
  insert into orders.orders (${ORDER.insertColumns})
  select * from unnest(${ORDER.arrays()})`;

const UPDATE_ORDERS = `
  update orders.orders as o
  set ${ORDER_CHANGE.assignments()}
  from unnest(${ORDER_CHANGE.arrays()}) as new(${ORDER_CHANGE.names})
  where o.id = new.id`;

const INSERT_LINES = `
  insert into orders.order_lines (${LINE.insertColumns})
  select * from unnest(${LINE.arrays()})`;

const UPDATE_LINES = `
  update orders.order_lines as l
  set ${LINE_CHANGE.assignments()}
  from unnest(${LINE_CHANGE.arrays()})
    as new(${LINE_CHANGE.names})
  where l.order_id = new.order_id and l.line = new.line`;

const INSERT_PAYMENTS = `
  insert into orders.payments (${PAYMENT.insertColumns})
  select * from unnest(${PAYMENT.arrays()})`;

const UPDATE_PAYMENTS = `
  update orders.payments as y
  set ${PAYMENT_CHANGE.assignments()}
  from unnest(${PAYMENT_CHANGE.arrays()})
    as new(${PAYMENT_CHANGE.names})
  where y.id = new.id`;

const INSERT_REFUNDS = `
  insert into orders.refunds (${REFUND.insertColumns})
  select * from unnest(${REFUND.arrays()})`;

const UPDATE_REFUNDS = `
  update orders.refunds as r set ${REFUND_CHANGE.assignments()}
  from unnest(${REFUND_CHANGE.arrays()}) as new(${REFUND_CHANGE.names})
  where r.id = new.id`;

const INSERT_REFUND_LINES = `
  insert into orders.refund_lines (${REFUND_LINE.insertColumns})
  select * from unnest(${REFUND_LINE.arrays()})`;

const INSERT_HISTORY = `
  insert into orders.order_history (${HISTORY.insertColumns})
  select *, ${HISTORY.shared()} from unnest(${HISTORY.arrays()})`;

/** The statements of a batch's second round trip. `groupId` identifies the batch in the history. */
export function orderWrites(decision: OrderDecision, snapshot: OrderSnapshot, groupId: bigint): Statement[] {
  const writes = new RowWrites('order-');
  const { newOrders, changedOrders, newRefunds, nowMs } = decision;
  writes.add(decision.products, 'products-update', UPDATE_PRODUCTS, PRODUCT_UNITS.values);
  writes.add(decision.timeSales, 'time-sales-update', UPDATE_TIME_SALES, TIME_SALE_UNITS.values);
  writes.add(decision.bought, 'buyers-put', PUT_BUYERS, BUYER.values);
  writes.add(decision.dailySales, 'daily-sales-add', ADD_DAILY_SALES, DAILY_SALE.values);
  writes.add(newOrders, 'insert', INSERT_ORDERS, ORDER.values);
  writes.add(newOrders.flatMap(linesOf), 'lines-insert', INSERT_LINES, LINE.values);
  writes.add(changedOrders, 'update', UPDATE_ORDERS, ORDER_CHANGE.values);
  const changedLines = changedOrders.flatMap((order) => changedLinesOf(order, snapshot.orders.get(order.id)));
  writes.add(changedLines, 'lines-update', UPDATE_LINES, LINE_CHANGE.values);
  writes.add(decision.newPayments, 'payments-insert', INSERT_PAYMENTS, PAYMENT.values);
  writes.add(decision.changedPayments, 'payments-update', UPDATE_PAYMENTS, PAYMENT_CHANGE.values);
  writes.add(newRefunds, 'refunds-insert', INSERT_REFUNDS, REFUND.values);
  writes.add(newRefunds.flatMap(refundLinesOf), 'refund-lines-insert', INSERT_REFUND_LINES, REFUND_LINE.values);
  writes.add(decision.changedRefunds, 'refunds-update', UPDATE_REFUNDS, REFUND_CHANGE.values);
  writes.add(decision.history, 'history-insert', INSERT_HISTORY, (rows) =>
    HISTORY.values(rows, { groupId, atMs: nowMs }),
  );
  return writes.statements;
}

type LineOfOrder = OrderLine & { readonly orderId: bigint };

const linesOf = ({ id, lines }: Order): LineOfOrder[] => lines.map((line) => ({ ...line, orderId: id }));

/** Returns the lines that changed; most steps change none. */
function changedLinesOf(order: Order, before: Order | undefined): LineOfOrder[] {
  if (order.lines === before?.lines) return [];
  return linesOf(order).filter((line, index) =>
    LINE_CHANGES.some((name) => before?.lines[index]?.[name] !== line[name]),
  );
}

const refundLinesOf = ({ id, lines }: Refund): (RefundLine & { readonly refundId: bigint })[] =>
  lines.map((line) => ({ ...line, refundId: id }));
