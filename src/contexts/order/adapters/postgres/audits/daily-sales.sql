with paid as (
  select (paid_at at time zone coalesce((select time_zone from orders.sales_calendar), 'Asia/Seoul'))::date as day, product_id, sum(sold) as sold
  from (${unitsOfLines} where o.paid_at is not null) as lines group by 1, 2
), judged as (
  select coalesce(d.day, p.day) as day, coalesce(d.product_id, p.product_id) as id, coalesce(d.quantity, 0) as quantity,
    coalesce(p.sold, 0) as sold
  from orders.product_daily_sales as d full join paid as p on p.day = d.day and p.product_id = d.product_id
), wrong as (
  select id, day, format('product %s counts %s sold on %s, its orders %s', id, quantity, day, sold) as violation
  from judged where quantity <> sold
)
select (select json_build_object('days', count(distinct day), 'sold', coalesce(sum(sold), 0)) from judged) as figures,
  count(*)::int as broken, (array_agg(violation order by id, day))[1:5] as examples
from wrong
