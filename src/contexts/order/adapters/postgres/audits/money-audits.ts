import type { Audit } from '../../../../../platform/context.ts';
import { ALL, orderAudit } from './order-audit.ts';

const AMOUNTS = orderAudit(
  'the amounts of an order add up: shares of its lines to the whole, none above its line, and nothing below 0',
  `
  with summed as (
    select order_id, count(*) as lines, min(line) as lowest, max(line) as highest, sum(unit_price * quantity) as subtotal,
      sum(coupon_discount) as coupon_discount, sum(points_used) as points_used,
      count(*) filter (where quantity < 1 or refunded_quantity not between 0 and quantity or coupon_discount < 0 or points_used < 0
        or coupon_discount + points_used > unit_price * quantity) as wrong
    from orders.order_lines where ${ALL} group by order_id
  ), judged as (
    select coalesce(o.id, s.order_id) as id, o.subtotal, case
      when o.id is null then format('order %s has lines, but does not exist', order_id)
      when lines is null or lowest <> 1 or highest <> lines then format('order %s has %s lines, from %s to %s', o.id,
        coalesce(lines, 0), coalesce(lowest, 0), coalesce(highest, 0))
      when wrong > 0 then format('%s lines of order %s have shares above their amount, or units that cannot be', wrong, o.id)
      when o.subtotal <> s.subtotal or o.coupon_discount <> s.coupon_discount or o.points_used <> s.points_used then
        format('order %s costs %s less %s and %s points, its lines %s less %s and %s points', o.id, o.subtotal, o.coupon_discount,
          o.points_used, s.subtotal, s.coupon_discount, s.points_used)
      when o.points_used > o.use_points or (o.coupon_discount > 0 and o.coupon_id is null) then
        format('order %s uses %s points of %s and takes %s off with coupon %s', o.id, o.points_used, o.use_points, o.coupon_discount,
          coalesce(o.coupon_id::text, 'none'))
    end as violation
    from orders.orders as o full join summed as s on s.order_id = o.id
  )
  select json_build_object('orders', count(*), 'subtotals', coalesce(sum(subtotal), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const PAID = orderAudit(
  'an order that is paid, or on its way to be, has one payment that brought its total; money that no order keeps goes back',
  `
  with given as (
    select payment_id, sum(money) as money from orders.refunds where ${ALL} group by payment_id
  ), paying as (
    select id, payment_id, status, subtotal - coupon_discount - points_used as total,
      status in ('PAID', 'REFUNDED') or coalesce(step in ('CONFIRM_COUPON', 'CAPTURE_POINTS'), false) as keeps
    from orders.orders
    where payment_id is not null or status in ('PAID', 'REFUNDED') or step in ('TAKE_MONEY', 'CONFIRM_COUPON', 'CAPTURE_POINTS')
  ), judged as (
    select coalesce(o.id, y.order_id) as id, amount, coalesce(keeps, false) as keeps, case
      when o.payment_id is null and o.id is not null then format('order %s is %s without a payment', o.id, o.status)
      when keeps and (y.id is null or y.order_id <> o.id or amount <> total) then
        format('order %s of %s is %s by payment %s, which brought %s for order %s', o.id, total, o.status, o.payment_id,
          coalesce(amount::text, 'nothing'), coalesce(y.order_id::text, 'none'))
      when not coalesce(keeps, false) and amount <> coalesce(money, 0) then
        format('payment %s brought %s for order %s, which did not keep it; %s goes back', y.id, amount, y.order_id,
          coalesce(money, 0))
    end as violation
    from paying as o
      full join (select * from orders.payments where status in ('COMPLETED', 'REFUNDED')) as y on y.id = o.payment_id
      left join given as g on g.payment_id = y.id
    union all
    select order_id, null, false, format('payment %s is of order %s, which does not exist or is another user''s', id, order_id)
    from orders.payments as y
    where not exists (select from orders.orders as o where o.id = y.order_id and o.user_id = y.user_id)
  )
  select json_build_object('kept', count(*) filter (where keeps), 'brought', coalesce(sum(amount), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id, violation) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const REFUNDED = orderAudit(
  'refunds add up: of an order and each of its lines to what is due for the units given back, of a payment to no more than it brought',
  `
  with parts as (
    select r.order_id, l.line, sum(l.quantity) as quantity, sum(l.money) as money, sum(l.points) as points
    from orders.refund_lines as l join orders.refunds as r on r.id = l.refund_id where ${ALL} group by r.order_id, l.line
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
      -- A payment of nothing says REFUNDED when nothing is left of its order.
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
  from wrong`,
);

export const moneyAudits: readonly Audit[] = [AMOUNTS, PAID, REFUNDED];
