import { eventCountAudit } from '../../../../../platform/events/event-count-audit.ts';
import { COUNTED_TOPICS } from '../../../events.ts';

/** An order is reserved, paid and ended at most once. Only refunds with lines have an event; refunds of late money have no lines. */
export const orderEventAudit = eventCountAudit(
  'as many events of orders were written as orders were reserved, paid, cancelled, expired and refunded',
  COUNTED_TOPICS,
  { path: 'contexts/order/adapters/postgres/audits/event-facts.sql' },
);
