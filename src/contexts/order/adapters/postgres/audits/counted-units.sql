with by_both as (
  select product_id, time_sale_id, sum(reserved) as reserved, sum(sold) as sold
  from (${unitsOfLines}) as lines group by product_id, time_sale_id
), by_product as (
  select product_id, sum(reserved) filter (where time_sale_id is null) as reserved, sum(sold) as sold
  from by_both group by product_id
), judged as (
  select 'product' as kind, coalesce(p.id, b.product_id) as id, coalesce(p.reserved, 0) as reserved, coalesce(p.sold, 0) as sold,
    coalesce(b.reserved, 0) as reserved_by, coalesce(b.sold, 0) as sold_by
  from orders.products as p full join by_product as b on b.product_id = p.id
  union all
  select 'time sale', coalesce(s.id, b.time_sale_id), coalesce(s.reserved, 0), coalesce(s.sold, 0), coalesce(b.reserved, 0),
    coalesce(b.sold, 0)
  from orders.time_sales as s
    full join (select * from by_both where time_sale_id is not null) as b on b.time_sale_id = s.id and b.product_id = s.product_id
), wrong as (
  select id, format('%s %s has %s reserved and %s sold, its orders %s and %s', kind, id, reserved, sold, reserved_by, sold_by)
    as violation
  from judged where reserved <> reserved_by or sold <> sold_by
)
select (select json_build_object('reserved', coalesce(sum(reserved), 0), 'sold', coalesce(sum(sold), 0)) from by_both) as figures,
  count(*)::int as broken, (array_agg(violation order by id, violation))[1:5] as examples
from wrong
