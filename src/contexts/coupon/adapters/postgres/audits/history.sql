-- max(version * 10 + digit of the state) % 10 is the digit of the state of the last version.
with steps as (
  select coupon_id, count(*) as steps, min(version) as lowest, max(version) as highest,
    max(version::bigint * 10 + case kind when 'RESERVED' then 1 when 'EXTENDED' then 1 when 'USED' then 2 when 'CANCELLED' then 3
      when 'EXPIRED' then 4 else 0 end) % 10 as last_state
  from coupon.coupon_history where $1::bigint is null or policy_id = $1 group by coupon_id
), moved as (
  select id, status, version from coupon.coupon_issues
  where (version <> 1 or status <> 'ISSUED') and ($1::bigint is null or policy_id = $1)
), judged as (
  select coalesce(i.id, s.coupon_id) as id, case
    when i.id is null then format('coupon %s does not exist or is as it was issued, but has %s rows of history', coupon_id, steps)
    when version <> 1 + coalesce(steps, 0) or lowest <> 2 or highest <> version then
      format('coupon %s has version %s, but %s rows of history from %s to %s', id, version, coalesce(steps, 0),
        coalesce(lowest, 2), coalesce(highest, 1))
    when status <> (array['ISSUED', 'RESERVED', 'USED', 'CANCELLED', 'EXPIRED'])[coalesce(last_state, 0) + 1] then
      format('coupon %s is %s, but its history ends with %s', id, status,
        (array['ISSUED', 'RESERVED', 'USED', 'CANCELLED', 'EXPIRED'])[coalesce(last_state, 0) + 1])
  end as violation, steps
  from moved as i full join steps as s on s.coupon_id = i.id
)
select json_build_object('coupons', count(*), 'steps', coalesce(sum(steps), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from judged
