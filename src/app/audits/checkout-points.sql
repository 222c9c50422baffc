with given as (
  select order_id, sum(points) as points, sum(points) filter (where step is null or step = 'COUPON') as gone
  from orders.refunds group by order_id
), paid_back as (
  select payment_id, sum(money) as money, sum(money) filter (where step is distinct from 'MONEY') as gone
  from orders.refunds group by payment_id
), taken as (
  select o.user_id, o.id::text as name, points_used as amount, points as given, gone, case
      when status in ('PAID', 'REFUNDED') then '{CAPTURED}'
      when ending is null and step = 'CAPTURE_POINTS' then '{HELD,CAPTURED}'
      when ending is null and step = 'HOLD_POINTS' then '{NONE,HELD}'
      when ending is null and status = 'RESERVED' then '{HELD}'
      when step = 'RELEASE_POINTS' then '{NONE,HELD,RELEASED}'
      else '{RELEASED}'
    end::text[] as states
  from orders.orders as o left join given as g on g.order_id = o.id
  where points_used > 0 and $1::bigint is null
  union all
  select user_id, order_id || ':pay:' || id, amount, money, gone, case status
      when 'PENDING' then '{NONE,HELD,CAPTURED,RELEASED}'
      when 'FAILED' then '{NONE,RELEASED}'
      else '{CAPTURED}'
    end::text[]
  from orders.payments as y left join paid_back as g on g.payment_id = y.id
  where method = 'POINTS' and amount > 0 and $1 is null
), judged as (
  select t.name, h.amount as held, case
    when coalesce(state, 'NONE') <> all(states) or (state in ('HELD', 'CAPTURED') and h.amount <> t.amount) then
      format('%s points of user %s for order %s are %s, and should be %s %s', coalesce(h.amount, 0), t.user_id, t.name,
        coalesce(state, 'NONE'), t.amount, array_to_string(states, ' or '))
    when state = 'CAPTURED' and refunded not between coalesce(gone, 0) and coalesce(given, 0) then
      format('of %s points of user %s for order %s %s went back, its refunds say %s of %s', h.amount, t.user_id, t.name, refunded,
        coalesce(gone, 0), coalesce(given, 0))
  end as violation
  from taken as t left join point.holds as h on h.user_id = t.user_id and h.order_id = t.name
  union all
  select h.order_id, h.amount, format('%s points of user %s are %s for order %s, which uses none', h.amount, h.user_id, h.state,
    h.order_id)
  from point.holds as h join orders.orders as o on o.id::text = h.order_id and o.user_id = h.user_id
  where h.state in ('HELD', 'CAPTURED') and o.points_used = 0 and $1 is null
)
select json_build_object('uses', count(*), 'points', coalesce(sum(held), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by name) filter (where violation is not null))[1:5] as examples
from judged
