with found as (
  select id, format('fact %s was set aside: %s. Mend it, then put it back as the README of the context says', id, error) as violation
  from notification.rejected_facts
)
select json_build_object('rejected', count(*)) as figures, count(*)::int as broken,
  (array_agg(violation order by id))[1:5] as examples
from found
