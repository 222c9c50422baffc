-- A charge at rest is also compared with its end, in case its time to resume is wrong.
with waiting as (
  select 'charge' as kind, id, coalesce(step, 'its end') as step,
    case when step is null then least(resume_at, expires_at) else resume_at end as resume_at
  from point.charges where status = 'PENDING'
  union all
  select 'refund of a charge', id, 'the provider', resume_at from point.charge_refunds where done_at is null
), overdue as (
  select *, format('%s %s waits for %s since %s', kind, id, step, resume_at) as violation
  from waiting where resume_at is null or resume_at < now() - ${overdueAfter}
), late as (
  select * from overdue where ${serverRuns}
)
select json_build_object('waiting', (select count(*) from waiting), 'overdue', (select count(*) from overdue)) as figures,
  (select count(*)::int from late) as broken,
  (select (array_agg(violation order by resume_at, id))[1:5] from late) as examples
