-- max(version * 10 + digit of the status) % 10 is the digit of the status of the last version.
with rows as (
  select order_id, count(*) as versions, min(version) as lowest, max(version) as highest,
    max(version::bigint * 10 + case status when 'PENDING' then 1 when 'RESERVED' then 2 when 'PAID' then 3 when 'REFUNDED' then 4
      when 'CANCELLED' then 5 when 'EXPIRED' then 6 when 'FAILED' then 7 else 0 end) % 10 as last_status
  from orders.order_history group by order_id
), judged as (
  select coalesce(o.id, h.order_id) as id, coalesce(versions, 0) as versions, case
    when o.id is null then format('order %s does not exist, but has %s rows of history', order_id, versions)
    when not coalesce(case o.status
        when 'PENDING' then ending is null and coalesce(step in ('RESERVE_COUPON', 'HOLD_POINTS'), false)
          or ending is not null and coalesce(step in ('RELEASE_POINTS', 'RELEASE_COUPON'), false)
        when 'RESERVED' then ending is null and (step is null or step in ('TAKE_MONEY', 'CONFIRM_COUPON', 'CAPTURE_POINTS'))
          or ending is not null and coalesce(step in ('RELEASE_POINTS', 'RELEASE_COUPON'), false)
        when 'PAID' then ending is null and step is null
        when 'REFUNDED' then ending is null and step is null
        else o.status = ending and step is null
      end, false) or (o.status in ('PAID', 'REFUNDED')) <> (paid_at is not null)
        or (o.status in ('CANCELLED', 'EXPIRED', 'FAILED')) <> (ended_at is not null)
        or (coalesce(ending, '') = 'FAILED') <> (refusal_code is not null)
        or (o.status in ('PENDING', 'RESERVED')) <> (resume_at is not null) then
      format('order %s is %s with the step %s and the ending %s', o.id, o.status, coalesce(step, 'none'), coalesce(ending, 'none'))
    when coalesce(versions, 0) <> version or lowest <> 1 or highest <> version then
      format('order %s has version %s, but %s rows of history from %s to %s', o.id, version, coalesce(versions, 0),
        coalesce(lowest, 0), coalesce(highest, 0))
    when o.status is distinct from
        (array['PENDING', 'RESERVED', 'PAID', 'REFUNDED', 'CANCELLED', 'EXPIRED', 'FAILED'])[last_status] then
      format('order %s is %s, but its history ends otherwise', o.id, o.status)
  end as violation
  from orders.orders as o full join rows as h on h.order_id = o.id
)
select json_build_object('orders', count(*), 'steps', coalesce(sum(versions), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from judged
