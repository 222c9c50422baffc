with summed as (
  select order_id, count(*) as lines, min(line) as lowest, max(line) as highest, sum(unit_price * quantity) as subtotal,
    sum(coupon_discount) as coupon_discount, sum(points_used) as points_used,
    count(*) filter (where quantity < 1 or refunded_quantity not between 0 and quantity or coupon_discount < 0 or points_used < 0
      or coupon_discount + points_used > unit_price * quantity) as wrong
  from orders.order_lines group by order_id
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
from judged
