with repeated as (
  select format('user %s has %s notices %s about %s of %s', user_id, count(*), kind, subject, day) as violation
  from notification.notices group by user_id, kind, subject, day having count(*) > 1
), sent_again as (
  select format('user %s has %s deliveries by %s of %s about %s of %s', user_id, count(*), channel, kind, subject, day) as violation
  from notification.deliveries group by user_id, channel, kind, subject, day having count(*) > 1
), found as (
  select * from repeated union all select * from sent_again
)
select json_build_object('notices', (select count(*) from notification.notices)) as figures, count(*)::int as broken,
  (array_agg(violation order by violation))[1:5] as examples
from found
