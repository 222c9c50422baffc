with holding as (
  select id, coupon_id, status, case status when 'PENDING' then 'RESERVED' else 'USED' end as makes
  from coupon.coupon_reservations
  where status in ('PENDING', 'CONFIRMED')
    and ($1::bigint is null or coupon_id in (select id from coupon.coupon_issues where policy_id = $1))
), held as (
  select id, status, reservation_id from coupon.coupon_issues
  where (status = 'RESERVED' or (status = 'USED' and reservation_id is not null)) and ($1::bigint is null or policy_id = $1)
), alone as (
  select coalesce(i.id, h.coupon_id) as id, case
      when h.id is null then format('coupon %s is %s by %s, but no such reservation holds it', i.id, i.status,
        coalesce(i.reservation_id, 'none'))
      else format('reservation %s is %s, but coupon %s is not %s by it', h.id, h.status, h.coupon_id, h.makes)
    end as violation
  from held as i
  full join holding as h on h.coupon_id = i.id and h.makes = i.status and h.id = i.reservation_id
  where i.id is null or h.id is null
)
select (select json_build_object('pending', count(*) filter (where status = 'PENDING'),
      'confirmed', count(*) filter (where status = 'CONFIRMED')) from holding) as figures,
  count(*)::int as broken, (array_agg(violation order by id, violation))[1:5] as examples
from alone
