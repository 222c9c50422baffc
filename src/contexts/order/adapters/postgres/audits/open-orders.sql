with opened as (
  select user_id, count(*) as orders from orders.orders where status in ('PENDING', 'RESERVED') group by user_id
), wrong as (
  select user_id, format('user %s has %s open orders', user_id, orders) as violation from opened where orders > ${openOrdersMax}
)
select (select json_build_object('users', count(*), 'most', coalesce(max(orders), 0)) from opened) as figures,
  count(*)::int as broken, (array_agg(violation order by user_id))[1:5] as examples
from wrong
