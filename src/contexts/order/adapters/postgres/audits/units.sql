with sales as (
  select product_id, sum(stock + reserved) as units, count(*) as sales, min(id) as id,
    string_agg(format('time sale %s of %s has %s free, %s reserved, %s sold and %s returned', id, quantity, stock, reserved, sold,
      returned), '; ') filter (where quantity <> stock + reserved + sold + returned
        or least(stock, reserved, sold, returned) < 0) as wrong
  from orders.time_sales group by product_id
), judged as (
  select coalesce(p.id, s.product_id) as id, supplied, sales, case
    when p.id is null then format('time sale %s is of a product that does not exist: %s', s.id, s.product_id)
    when least(stock, reserved, sold) < 0 or supplied <> stock + reserved + sold + coalesce(units, 0) then
      format('product %s of %s has %s free, %s reserved, %s sold and %s in time sales', p.id, supplied, stock, reserved, sold,
        coalesce(units, 0))
    else s.wrong
  end as violation
  from orders.products as p full join sales as s on s.product_id = p.id
)
select json_build_object('products', count(*), 'timeSales', coalesce(sum(sales), 0), 'supplied', coalesce(sum(supplied), 0))
    as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from judged
