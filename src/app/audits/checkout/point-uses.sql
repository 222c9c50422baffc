with given as (
  select order_id, sum(points) as points, sum(points) filter (where step is null or step = 'COUPON') as gone
  from orders.refunds where order_id ${chosen} group by order_id
), paid_back as (
  select payment_id, sum(money) as money, sum(money) filter (where step is distinct from 'MONEY') as gone
  from orders.refunds where order_id ${chosen} group by payment_id
)
select o.id as key, o.user_id, o.id::text as name, o.version::text as version, points_used as amount, points as given, gone, case
    when status in ('PAID', 'REFUNDED') then '{CAPTURED}'
    when ending is null and step = 'CAPTURE_POINTS' then '{HELD,CAPTURED}'
    when ending is null and step = 'HOLD_POINTS' then '{NONE,HELD}'
    when ending is null and status = 'RESERVED' then '{HELD}'
    when step = 'RELEASE_POINTS' then '{NONE,HELD,RELEASED}'
    else '{RELEASED}'
  end::text[] as states
from orders.orders as o left join given as g on g.order_id = o.id
where points_used > 0 and o.id ${chosen}
union all
select order_id, user_id, order_id || ':pay:' || id, status, amount, money, gone, case status
    when 'PENDING' then '{NONE,HELD,CAPTURED,RELEASED}'
    when 'FAILED' then '{NONE,RELEASED}'
    else '{CAPTURED}'
  end::text[]
from orders.payments as y left join paid_back as g on g.payment_id = y.id
where method = 'POINTS' and amount > 0 and y.order_id ${chosen}
