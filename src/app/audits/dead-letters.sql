with letters as (
  select consumer, topic, count(*) as letters, min(failed_at) as since
  from platform.dead_letters where $1::bigint is null or event -> 'data' ->> 'policyId' = $1::text
  group by consumer, topic
)
select json_build_object('letters', coalesce(sum(letters), 0)) as figures, coalesce(sum(letters), 0)::int as broken,
  (array_agg(format('%s gave up %s events of %s, the oldest at %s', consumer, letters, topic, since)
    order by consumer, topic))[1:5] as examples
from letters
