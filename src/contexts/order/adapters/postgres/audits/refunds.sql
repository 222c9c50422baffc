with parts as (
  select r.order_id, l.line, sum(l.quantity) as quantity, sum(l.money) as money, sum(l.points) as points
  from orders.refund_lines as l join orders.refunds as r on r.id = l.refund_id group by r.order_id, l.line
), of_orders as (
  select order_id, sum(money) as money, sum(points) as points from parts group by order_id
), of_payments as (
  select payment_id, sum(money) as money, sum(money) filter (where step is distinct from 'MONEY') as gone
  from orders.refunds group by payment_id
), of_lines as (
  select refund_id, sum(money) as money, sum(points) as points from orders.refund_lines group by refund_id
), left_of as (
  select order_id, sum(quantity - refunded_quantity) as units from orders.order_lines
  where order_id in (select order_id from parts union select id from orders.orders where status = 'REFUNDED') group by order_id
), wrong as (
  select coalesce(p.order_id, l.order_id) as id, format('line %s of order %s gave %s units back for %s and %s points, its refunds %s '
    'for %s and %s points', coalesce(l.line, p.line), coalesce(p.order_id, l.order_id), coalesce(l.refunded_quantity, 0),
    coalesce(l.money, 0), coalesce(l.points, 0), coalesce(p.quantity, 0), coalesce(p.money, 0), coalesce(p.points, 0)) as violation
  from (
    select order_id, line, refunded_quantity,
      div((unit_price * quantity - coupon_discount - points_used) * refunded_quantity, quantity) as money,
      div(points_used * refunded_quantity, quantity) as points
    from orders.order_lines where refunded_quantity <> 0
  ) as l
    full join parts as p on p.order_id = l.order_id and p.line = l.line
  where (l.refunded_quantity, l.money, l.points) is distinct from (p.quantity, p.money, p.points)
  union all
  select o.id, format('order %s gave %s and %s points back, its refunds %s and %s points', o.id, refunded_amount, refunded_points,
    coalesce(p.money, 0), coalesce(p.points, 0))
  from orders.orders as o left join of_orders as p on p.order_id = o.id
  where refunded_amount <> coalesce(p.money, 0) or refunded_points <> coalesce(p.points, 0)
    or (p.order_id is not null and o.status not in ('PAID', 'REFUNDED'))
  union all
  select o.id, format('order %s is %s, and %s units of it are left', o.id, o.status, units)
  from orders.orders as o join left_of as l on l.order_id = o.id
  where (o.status = 'PAID' and units = 0) or (o.status = 'REFUNDED' and units <> 0)
  union all
  select r.order_id, format('refund %s of order %s gives %s and %s points, its lines %s and %s', r.id, r.order_id, r.money, r.points,
    l.money, l.points)
  from orders.refunds as r join of_lines as l on l.refund_id = r.id where r.money <> l.money or r.points <> l.points
  union all
  select coalesce(y.order_id, 0), format('payment %s is %s and brought %s, %s of that goes back and %s went', g.payment_id,
    coalesce(y.status, 'missing'), coalesce(y.amount, 0), g.money, coalesce(g.gone, 0))
  from of_payments as g left join orders.payments as y on y.id = g.payment_id
  where y.id is null or g.money > y.amount or y.status not in ('COMPLETED', 'REFUNDED')
    -- A payment of 0 becomes REFUNDED when no unit of its order is left.
    or (y.amount > 0 and (y.status = 'REFUNDED') <> (coalesce(g.gone, 0) >= y.amount))
  union all
  select y.order_id, format('payment %s of %s is REFUNDED, and nothing goes back', y.id, y.amount)
  from orders.payments as y left join of_payments as g on g.payment_id = y.id
  where y.status = 'REFUNDED' and y.amount > 0 and g.payment_id is null
  union all
  select r.order_id, format('refund %s of order %s has the step %s and is due %s', r.id, r.order_id, coalesce(step, 'none'),
    coalesce(resume_at::text, 'never'))
  from orders.refunds as r
  where (step is null) <> (resume_at is null)
)
select (select json_build_object('refunds', count(*), 'money', coalesce(sum(money), 0), 'points', coalesce(sum(points), 0),
    'underWay', count(step)) from orders.refunds) as figures,
  count(*)::int as broken, (array_agg(violation order by id, violation))[1:5] as examples
from wrong
