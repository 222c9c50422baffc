select 'order.reserved' as topic from orders.orders where reserved_at is not null
union all select 'order.paid' from orders.orders where paid_at is not null
union all select 'order.cancelled' from orders.orders where status in ('CANCELLED', 'FAILED')
union all select 'order.expired' from orders.orders where status = 'EXPIRED'
union all select 'order.refunded' from (select distinct refund_id from orders.refund_lines) as refunded
