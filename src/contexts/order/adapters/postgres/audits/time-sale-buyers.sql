with lines as (
  ${unitsOfLines} where l.time_sale_id is not null
), counted as (
  select time_sale_id, user_id, sum(reserved + sold) as units from lines group by time_sale_id, user_id
), judged as (
  select coalesce(b.time_sale_id, c.time_sale_id) as id, coalesce(b.user_id, c.user_id) as user_id,
    coalesce(c.units, 0) as units, coalesce(b.quantity, 0) as quantity, limit_highest
  from orders.time_sale_buyers as b
    full join counted as c on c.time_sale_id = b.time_sale_id and c.user_id = b.user_id
    left join orders.time_sales as s on s.id = coalesce(b.time_sale_id, c.time_sale_id)
), wrong as (
  select id, user_id, format('user %s has %s of time sale %s with a limit of %s, their orders %s', user_id, quantity, id,
    coalesce(limit_highest::text, 'an unknown number'), units) as violation
  from judged where units <> quantity or units > coalesce(limit_highest, 0)
)
select (select json_build_object('buyers', count(*), 'units', coalesce(sum(units), 0)) from judged) as figures,
  count(*)::int as broken, (array_agg(violation order by id, user_id))[1:5] as examples
from wrong
