import { eventCountAudit } from '../../../../../platform/events/event-count-audit.ts';
import { COUNTED_TOPICS } from '../../../events.ts';

/** An order is reserved, paid and ended at most once. Only refunds with lines have an event; refunds of late money have no lines. */
export const orderEventAudit = eventCountAudit(
  'as many events of orders were written as orders were reserved, paid, cancelled, expired and refunded',
  COUNTED_TOPICS,
  `
    select 'order.reserved' as topic from orders.orders where reserved_at is not null
    union all select 'order.paid' from orders.orders where paid_at is not null
    union all select 'order.cancelled' from orders.orders where status in ('CANCELLED', 'FAILED')
    union all select 'order.expired' from orders.orders where status = 'EXPIRED'
    union all select 'order.refunded' from (select distinct refund_id from orders.refund_lines) as refunded`,
);
