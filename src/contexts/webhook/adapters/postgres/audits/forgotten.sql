-- An event about a user may come after that of the deletion, which itself has the external id until it is sent. The hourly task erases both.
with found as (
  select d.endpoint_id, d.id, format('delivery %s of webhook %s has what was deleted of %s', d.id, d.endpoint_id, f.subject) as violation
  from webhook.deliveries as d join webhook.forgotten_users as f on f.subject in (d.subject, d.identified_user)
  where (d.topic = 'user.signed_up' and f.subject = d.subject and d.body is not null
      or f.subject = d.identified_user and (d.topic <> 'user.deleted' or d.status <> 'PENDING'))
    and greatest(f.deleted_at, d.finished_at) < now() - interval '2 hours'
)
select json_build_object('deleted', (select count(*) from webhook.forgotten_users)) as figures, count(*)::int as broken,
  (array_agg(violation order by endpoint_id, id))[1:5] as examples
from found
