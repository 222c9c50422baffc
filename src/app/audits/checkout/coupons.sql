select key, o.id::text as name, true as counted, keeps::int as amount, case
    when (keeps or waits) and (r.id is null or r.coupon_id <> o.coupon_id or r.user_id <> o.user_id
        or r.discount_amount <> o.coupon_discount) then
      format('order %s of user %s takes %s off by coupon %s, its reservation %s by coupon %s of user %s', o.id, o.user_id,
        o.coupon_discount, o.coupon_id, coalesce(r.discount_amount::text, 'nothing'), coalesce(r.coupon_id::text, 'none'),
        coalesce(r.user_id::text, 'none'))
    when keeps and r.status <> 'CONFIRMED' and not (o.status = 'REFUNDED' and r.status = 'CANCELLED' and exists (
        select from coupon.coupon_history as h
        where h.coupon_id = o.coupon_id and h.kind = 'RESTORED' and h.order_id = o.id::text)) then
      format('order %s is %s, and the reservation of its coupon %s is %s', o.id, o.status, o.coupon_id, r.status)
    -- A reservation that came after the end, from a call that took too long, ends by itself.
    when o.ended_at is not null and (r.status = 'CONFIRMED' or (r.status = 'PENDING' and r.reserved_at <= o.ended_at)) then
      format('order %s is %s, and the reservation of its coupon %s is still %s', o.id, o.status, o.coupon_id, r.status)
  end as violation, concat(o, r) as seen
from (
  select *, status in ('PAID', 'REFUNDED') or (ending is null and coalesce(step = 'CAPTURE_POINTS', false)) as keeps,
    ended_at is null and ending is null and coalesce(step <> 'RESERVE_COUPON', true) as waits
  from (${rows}) as uses
  where $1::bigint is null or coupon_id in (select id from coupon.coupon_issues where policy_id = $1)
) as o
  left join coupon.coupon_reservations as r on r.id = 'CHECKOUT:' || o.user_id || ':order:' || o.id
