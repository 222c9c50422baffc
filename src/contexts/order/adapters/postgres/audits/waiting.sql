-- An order at rest is also compared with its end, in case its time to resume is wrong. Orders of a sandbox whose clock is ahead have later
-- times than this clock, so they are never reported too early.
with waiting as (
  select 'order' as kind, id, coalesce(step, 'its end') as step,
    case when step is null then least(resume_at, expires_at) else resume_at end as resume_at
  from orders.orders where resume_at is not null
  union all
  select 'refund', id, step, resume_at from orders.refunds where resume_at is not null
), overdue as (
  select *, format('%s %s waits for %s since %s', kind, id, step, resume_at) as violation
  from waiting where resume_at < now() - ${overdueAfter}
), late as (
  select * from overdue where ${serverRuns}
)
select json_build_object('waiting', (select count(*) from waiting), 'overdue', (select count(*) from overdue)) as figures,
  (select count(*)::int from late) as broken,
  (select (array_agg(violation order by resume_at, id))[1:5] from late) as examples
