-- The reserved and the sold units of the lines of orders.
select l.product_id, l.time_sale_id, o.user_id,
  case when o.status in ('PENDING', 'RESERVED') then l.quantity else 0 end as reserved,
  case when o.status in ('PAID', 'REFUNDED') then l.quantity - l.refunded_quantity else 0 end as sold,
  o.paid_at
from orders.order_lines as l join orders.orders as o on o.id = l.order_id
