select r.key, r.id as name, false as counted, 0 as amount,
  format('coupon %s of user %s is %s for order %s, which %s', r.coupon_id, r.user_id, r.status, r.order_id,
    case when o.id is null then 'does not exist' else 'uses none' end) as violation, concat(r, o) as seen
from (
  select *, case when order_id ~ '^([0-9]{1,18}|[1-8][0-9]{18})$' then order_id::bigint end as number from (${rows}) as rows
) as r
  left join orders.orders as o on o.id = r.number and r.id = 'CHECKOUT:' || o.user_id || ':order:' || o.id
where o.coupon_id is null and ($1::bigint is null or r.policy_id = $1)
