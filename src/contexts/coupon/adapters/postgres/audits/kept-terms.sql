with numbered as (
  select policy_id, count(*) as versions, min(version) as lowest, max(version) as highest
  from coupon.coupon_policy_terms where $1::bigint is null or policy_id = $1 group by policy_id
), compared as (
  select p.id, p.terms_version, n.versions, n.lowest, n.highest,
    (p.discount_type, p.discount_value, p.minimum_order_amount, p.max_discount_amount, p.store_id)
      is distinct from (t.discount_type, t.discount_value, t.minimum_order_amount, t.max_discount_amount, t.eligible_store_id) as differs
  from coupon.coupon_policies as p
  left join numbered as n on n.policy_id = p.id
  left join coupon.coupon_policy_terms as t on t.policy_id = p.id and t.version = p.terms_version
  where $1::bigint is null or p.id = $1
), wrong as (
  select id, case
      when versions is distinct from terms_version or lowest <> 1 or highest <> terms_version then
        format('policy %s has terms version %s, but %s stored versions from %s to %s', id, terms_version, coalesce(versions, 0),
          coalesce(lowest, 0), coalesce(highest, 0))
      when differs then format('policy %s differs from its terms version %s', id, terms_version)
    end as violation
  from compared
  union all
  select i.id, format('coupon %s has terms version %s, but policy %s has version %s', i.id, i.terms_version, p.id, p.terms_version)
  from coupon.coupon_issues as i join coupon.coupon_policies as p on p.id = i.policy_id
  where i.terms_version not between 1 and p.terms_version and ($1::bigint is null or i.policy_id = $1)
)
select (select json_build_object('policies', count(*), 'versions', coalesce(sum(versions), 0)) from compared) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from wrong
