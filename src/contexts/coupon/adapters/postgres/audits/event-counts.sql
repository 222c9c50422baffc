-- One statement moves events from queued to published, so the sum is exact in every snapshot.
with issued as (
  select policy_id::text as key, count(*) as coupons
  from coupon.coupon_issues where $1::bigint is null or policy_id = $1 group by policy_id
), written as (
  select coalesce(p.key, q.key) as key, coalesce(p.events, 0) as published, coalesce(q.events, 0) as queued
  from (select key, events from platform.published_events where topic = 'coupon.issued') as p
  full join (
    select counted.key, sum(counted.value::bigint) as events
    from platform.outbox, jsonb_each_text(tally -> 'coupon.issued') as counted
    where topics @> array['coupon.issued']
    group by counted.key
  ) as q on q.key = p.key
  where $1::bigint is null or coalesce(p.key, q.key) = $1::text
), judged as (
  select coalesce(i.key, w.key) as key, coalesce(published, 0) as published, coalesce(queued, 0) as queued,
    case when coalesce(coupons, 0) <> coalesce(published, 0) + coalesce(queued, 0) then
      format('policy %s has %s coupons, but %s events published and %s queued', coalesce(i.key, w.key),
        coalesce(coupons, 0), coalesce(published, 0), coalesce(queued, 0))
    end as violation
  from issued as i full join written as w on w.key = i.key
)
select json_build_object('published', coalesce(sum(published), 0), 'queued', coalesce(sum(queued), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by key) filter (where violation is not null))[1:5] as examples
from judged
