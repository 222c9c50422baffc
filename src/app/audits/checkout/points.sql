select t.key, t.name, true as counted, h.amount, case
    when coalesce(state, 'NONE') <> all(states) or (state in ('HELD', 'CAPTURED') and h.amount <> t.amount) then
      format('%s points of user %s for order %s are %s, and should be %s %s', coalesce(h.amount, 0), t.user_id, t.name,
        coalesce(state, 'NONE'), t.amount, array_to_string(states, ' or '))
    when state = 'CAPTURED' and refunded not between coalesce(gone, 0) and coalesce(given, 0) then
      format('of %s points of user %s for order %s %s went back, its refunds say %s of %s', h.amount, t.user_id, t.name, refunded,
        coalesce(gone, 0), coalesce(given, 0))
  end as violation, concat(t, h) as seen
from (${rows}) as t left join point.holds as h on h.user_id = t.user_id and h.order_id = t.name
where $1::bigint is null
