with overdue as (
  select id, coupon_id, expires_at, expires_at < now() - ${overdueAfter} as late
  from coupon.coupon_reservations
  where status = 'PENDING' and expires_at < now()
    and ($1::bigint is null or coupon_id in (select id from coupon.coupon_issues where policy_id = $1))
), late as (
  select id, format('reservation %s holds coupon %s, but ended at %s', id, coupon_id, expires_at) as violation
  from overdue where late and ${serverRuns}
)
select (select json_build_object('overdue', count(*)) from overdue) as figures,
  count(*)::int as broken, (array_agg(violation order by id))[1:5] as examples
from late
