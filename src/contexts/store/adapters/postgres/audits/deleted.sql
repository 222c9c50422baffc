with found as (
  select format('user %s deleted the account, and follows %s %s', s.user_id, lower(s.type), s.target_id) as violation
  from store.subscriptions as s join store.deleted_users as d using (user_id)
)
select json_build_object('deleted', (select count(*) from store.deleted_users)) as figures,
  count(*)::int as broken, (array_agg(violation order by violation))[1:5] as examples
from found
