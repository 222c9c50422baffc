with holdings as (
  select policy_id, user_id, count(*) as held
  from coupon.coupon_issues
  where status <> 'CANCELLED' and ($1::bigint is null or policy_id = $1)
  group by policy_id, user_id
), judged as (
  select h.*, case when h.held > p.most then
    format('user %s has %s coupons of policy %s, which allows %s', user_id, held, policy_id, most)
  end as violation
  from holdings as h
  join (select id, greatest(max_issue_per_user, former_issue_per_user) as most from coupon.coupon_policies) as p
    on p.id = h.policy_id
)
select json_build_object('holders', count(*), 'most', coalesce(max(held), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by policy_id, user_id) filter (where violation is not null))[1:5] as examples
from judged
