with reservations as (
  select id, coupon_id, order_amount, discount_amount, status from coupon.coupon_reservations
  where $1::bigint is null or coupon_id in (select id from coupon.coupon_issues where policy_id = $1)
), wrong as (
  select id, format('reservation %s takes %s off an order of %s', id, discount_amount, order_amount) as violation
  from reservations where discount_amount < 0 or discount_amount > order_amount
  union all
  select r.id, format('coupon %s gave %s, but reservation %s froze %s', i.id, coalesce(i.discount_amount::text, 'nothing'), r.id,
    r.discount_amount)
  from reservations as r join coupon.coupon_issues as i on i.id = r.coupon_id
  where r.status = 'CONFIRMED' and i.status = 'USED' and i.discount_amount is distinct from r.discount_amount
)
select (select json_build_object('reservations', count(*), 'frozen', coalesce(sum(discount_amount), 0)) from reservations)
    as figures,
  count(*)::int as broken, (array_agg(violation order by id, violation))[1:5] as examples
from wrong
