with judged as (
  ${forward}
  union all
  ${backward}
)
select json_build_object('${counted}', count(*) filter (where counted), '${summed}', coalesce(sum(amount), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by key, name) filter (where violation is not null))[1:5] as examples
from judged
