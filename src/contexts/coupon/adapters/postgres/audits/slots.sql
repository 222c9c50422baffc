with judged as (
  select id, status = 'CANCELLED' as cancelled, returned, case
    when returned and status <> 'CANCELLED' then format('coupon %s is %s and returned', id, status)
    when status = 'CANCELLED' and slot is not null then format('coupon %s is CANCELLED and takes place %s', id, slot)
    when status <> 'CANCELLED' and slot is null then format('coupon %s is %s and takes no place', id, status)
  end as violation
  from coupon.coupon_issues where $1::bigint is null or policy_id = $1
)
select json_build_object('coupons', count(*), 'cancelled', count(*) filter (where cancelled),
    'returned', count(*) filter (where returned)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from judged
