with numbered as (
  select policy_id, count(*) as coupons, count(distinct sequence_no) as different,
    min(sequence_no) as lowest, max(sequence_no) as highest
  from coupon.coupon_issues where $1::bigint is null or policy_id = $1 group by policy_id
), compared as (
  select p.id, p.last_sequence_no as last, coalesce(coupons, 0) as coupons, coalesce(different, 0) as different,
    coalesce(lowest, 1) as lowest, coalesce(highest, 0) as highest
  from coupon.coupon_policies as p left join numbered as n on n.policy_id = p.id
  where $1::bigint is null or p.id = $1
), judged as (
  select *, case when coupons <> last or different <> last or lowest <> 1 or highest <> last then
    format('policy %s gave numbers up to %s, but has %s coupons with %s different numbers from %s to %s',
      id, last, coupons, different, lowest, highest)
  end as violation
  from compared
)
select json_build_object('policies', count(*), 'numbers', coalesce(sum(different), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from judged
