-- An event about a user may come after that of the deletion. The hourly task erases it.
with found as (
  select d.endpoint_id, d.id, format('delivery %s of webhook %s has what was deleted of %s', d.id, d.endpoint_id, d.subject) as violation
  from webhook.deliveries as d join webhook.forgotten_users as f using (subject)
  where d.topic = 'user.signed_up' and d.body is not null and f.deleted_at < now() - interval '2 hours'
)
select json_build_object('deleted', (select count(*) from webhook.forgotten_users)) as figures, count(*)::int as broken,
  (array_agg(violation order by endpoint_id, id))[1:5] as examples
from found
