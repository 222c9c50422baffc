with redeemed as (
  select code, count(*) as coupons, min(id) as id, min(policy_id) as policy_id
  from coupon.coupon_issues where code is not null and not returned and ($1::bigint is null or policy_id = $1) group by code
), judged as (
  select r.code, coupons, case
    when coupons > 1 then format('a code of policy %s issued %s coupons, the first is %s', r.policy_id, coupons, r.id)
    when c.code is null or c.job_id is null then
      format('coupon %s of policy %s has a code that was never generated', r.id, r.policy_id)
    when c.policy_id <> r.policy_id then
      format('coupon %s of policy %s has a code of policy %s', r.id, r.policy_id, c.policy_id)
  end as violation
  from redeemed as r left join coupon.coupon_codes as c on c.code = r.code
)
select json_build_object('redeemed', count(*)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by code) filter (where violation is not null))[1:5] as examples
from judged
