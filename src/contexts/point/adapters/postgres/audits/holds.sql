with open as (
  select user_id, sum(amount) as amount from point.holds where state = 'HELD' group by user_id
), judged as (
  select user_id, coalesce(a.held, 0) as held, case when coalesce(a.held, 0) <> coalesce(o.amount, 0) then
    format('user %s: %s held, the holds sum to %s', user_id, coalesce(a.held, 0), coalesce(o.amount, 0))
  end as violation
  from point.accounts as a full join open as o using (user_id)
)
select json_build_object('held', coalesce(sum(held), 0), 'holds', (select count(*) from point.holds where state = 'HELD'))
    as figures,
  count(violation)::int as broken,
  (array_agg(violation order by user_id) filter (where violation is not null))[1:5] as examples
from judged
