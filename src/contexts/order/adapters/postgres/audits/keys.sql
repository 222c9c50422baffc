with keys as (
  select 'user ' || user_id as owner, 'orders' as rows, key, count(*) as times from orders.orders group by user_id, key
  union all
  select 'order ' || order_id, 'payments', key, count(*) from orders.payments where key is not null group by order_id, key
  union all
  select 'order ' || order_id, 'refunds', key, count(*) from orders.refunds where key is not null group by order_id, key
), wrong as (
  select format('%s has %s %s with the key %s', owner, times, rows, key) as violation from keys where times > 1
)
select (select json_build_object('keys', count(*)) from keys) as figures,
  count(*)::int as broken, (array_agg(violation order by violation))[1:5] as examples
from wrong
