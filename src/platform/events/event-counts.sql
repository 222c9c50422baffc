with facts as (
  select topic, count(*) as facts from (${facts}) as each group by topic
), counted as (
  select topic, events as published, 0 as queued from platform.published_events where key = '${countAll}'
  union all
  select tally.key, 0, (tally.value ->> '${countAll}')::bigint
  from platform.outbox, jsonb_each(outbox.tally) as tally where tally.value ? '${countAll}'
), written as (
  select topic, sum(published) as published, sum(queued) as queued from counted group by topic
), judged as (
  select coalesce(facts, 0) as facts, coalesce(published, 0) as published, coalesce(queued, 0) as queued, case
    when coalesce(facts, 0) <> coalesce(published, 0) + coalesce(queued, 0) then
      format('%s: %s facts, but %s events published and %s queued', topic, coalesce(facts, 0), coalesce(published, 0),
        coalesce(queued, 0))
  end as violation
  from unnest(array[${topics}]) as topic
    left join facts using (topic) left join written using (topic)
  where $1::bigint is null
)
select json_build_object('facts', coalesce(sum(facts), 0), 'published', coalesce(sum(published), 0),
    'queued', coalesce(sum(queued), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by violation) filter (where violation is not null))[1:5] as examples
from judged
