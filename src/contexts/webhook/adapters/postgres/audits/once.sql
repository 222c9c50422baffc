with found as (
  select endpoint_id, format('webhook %s has %s deliveries of event %s', endpoint_id, count(*), event_id) as violation
  from webhook.deliveries group by endpoint_id, event_id having count(*) > 1
)
select json_build_object('deliveries', (select count(*) from webhook.deliveries)) as figures, count(*)::int as broken,
  (array_agg(violation order by endpoint_id, violation))[1:5] as examples
from found
