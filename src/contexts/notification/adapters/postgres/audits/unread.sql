with counted as (
  select n.user_id, count(*) as notices, count(*) filter (where n.read_at is null and n.number > coalesce(i.read_up_to, 0)) as unread,
    max(n.number) as number
  from notification.notices as n left join notification.inboxes as i using (user_id) group by n.user_id
), judged as (
  select user_id, coalesce(c.notices, 0) as notices, case
    when i.user_id is null then format('user %s has notices and no inbox', user_id)
    when i.unread <> coalesce(c.unread, 0) then
      format('user %s: %s counted as unread, %s are', user_id, i.unread, coalesce(c.unread, 0))
    when c.number > i.last_number then format('user %s: notice %s, the last number is %s', user_id, c.number, i.last_number)
    when i.read_up_to > i.last_number then
      format('user %s: read up to %s, the last number is %s', user_id, i.read_up_to, i.last_number)
  end as violation
  from notification.inboxes as i full join counted as c using (user_id)
)
select json_build_object('inboxes', count(*), 'notices', coalesce(sum(notices), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by user_id) filter (where violation is not null))[1:5] as examples
from judged
