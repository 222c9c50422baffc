with held as (
  select policy_id, count(*) filter (where not returned) as held
  from coupon.coupon_issues where $1::bigint is null or policy_id = $1 group by policy_id
), compared as (
  select coalesce(p.id, h.policy_id) as id, p.id is null as orphaned, coalesce(h.held, 0) as held,
    p.current_issue_count as counted, p.max_issue_count as most
  from (select * from coupon.coupon_policies where $1::bigint is null or id = $1) as p
  full join held as h on h.policy_id = p.id
), judged as (
  select *, case
    when orphaned then format('policy %s does not exist, but has %s coupons', id, held)
    when held <> counted then format('policy %s counts %s coupons, but has %s', id, counted, held)
    when held > most then format('policy %s has %s coupons, its limit is %s', id, held, most)
  end as violation
  from compared
)
select json_build_object('policies', count(*), 'coupons', coalesce(sum(held), 0)) as figures,
  count(violation)::int + case when $1::bigint is not null and count(*) = 0 then 1 else 0 end as broken,
  case when $1::bigint is not null and count(*) = 0 then array[format('there is no policy %s', $1)]
    else (array_agg(violation order by id) filter (where violation is not null))[1:5] end as examples
from judged
