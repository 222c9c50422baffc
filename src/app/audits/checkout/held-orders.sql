-- Only orders hold points, by their id or, for a payment, by <order>:pay:<payment>; other names are not theirs.
select h.key, h.order_id as name, false as counted, 0 as amount,
  format('%s points of user %s are %s for order %s, which %s', h.amount, h.user_id, h.state, h.order_id,
    case when o.id is null or y.id is distinct from h.payment then 'does not exist' else 'uses none' end) as violation,
  concat(h, o) as seen
from (
  select *, case when order_id ~ '^([0-9]{1,18}|[1-8][0-9]{18})(:pay:([0-9]{1,18}|[1-8][0-9]{18}))?$' then
      split_part(order_id, ':', 1)::bigint
    end as number,
    case when order_id ~ '^[0-9]{1,19}:pay:([0-9]{1,18}|[1-8][0-9]{18})$' then split_part(order_id, ':', 3)::bigint end as payment
  from (${rows}) as rows
) as h
  left join orders.orders as o on o.id = h.number and o.user_id = h.user_id
  left join orders.payments as y on y.id = h.payment and y.order_id = o.id
where $1::bigint is null and h.number is not null
  and (o.id is null or y.id is distinct from h.payment or (h.payment is null and o.points_used = 0))
