with kept as (
  select user_id, 'notices' as what from notification.notices
  union select user_id, 'deleted notices' from notification.deleted_notices
  union select user_id, 'deliveries' from notification.deliveries
  union select user_id, 'preferences' from notification.preferences
  union select user_id, 'settings' from notification.settings
  union select user_id, 'push subscriptions' from notification.push_subscriptions
), found as (
  select user_id, format('user %s deleted the account, and %s are kept', user_id, what) as violation
  from kept join notification.inboxes as i using (user_id) where i.deleted_at is not null
)
select json_build_object('deleted', (select count(*) from notification.inboxes where deleted_at is not null)) as figures,
  count(*)::int as broken, (array_agg(violation order by user_id, violation))[1:5] as examples
from found
