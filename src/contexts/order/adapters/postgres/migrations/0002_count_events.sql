-- From now on the outbox counts events of orders, for the audit (event-audit.ts). Those of older orders were written without a count.
INSERT INTO platform.published_events (topic, key, events)
SELECT topic, 'all', count(*) FROM (
  SELECT 'order.reserved' AS topic FROM orders.orders WHERE reserved_at IS NOT NULL
  UNION ALL SELECT 'order.paid' FROM orders.orders WHERE paid_at IS NOT NULL
  UNION ALL SELECT 'order.cancelled' FROM orders.orders WHERE status IN ('CANCELLED', 'FAILED')
  UNION ALL SELECT 'order.expired' FROM orders.orders WHERE status = 'EXPIRED'
  UNION ALL SELECT 'order.refunded' FROM (SELECT DISTINCT refund_id FROM orders.refund_lines) AS refunded
) AS facts GROUP BY topic;
