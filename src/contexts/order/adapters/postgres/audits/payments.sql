with given as (
  select payment_id, sum(money) as money from orders.refunds group by payment_id
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
  union all
  select a.order_id, null, false, format('payments %s and %s of order %s have the same name %s', a.id, b.id, a.order_id, a.reported_id)
  from orders.payments as a join orders.payments as b on b.order_id = a.order_id and b.id <> a.id
  where a.reported_id is not null and (a.reported_id in (b.id, b.reported_id) or b.provider_ref = a.reported_id::text)
)
select json_build_object('kept', count(*) filter (where keeps), 'brought', coalesce(sum(amount), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id, violation) filter (where violation is not null))[1:5] as examples
from judged
