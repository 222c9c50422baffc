with orphans as (
  select format('delivery %s by %s: user %s has no notice %s', d.id, d.channel, d.user_id, d.number) as violation
  from notification.deliveries as d
  where d.state = 'PENDING'
    and not exists (select from notification.notices as n where n.user_id = d.user_id and n.number = d.number)
)
select json_build_object('pending', (select count(*) from notification.deliveries where state = 'PENDING')) as figures,
  count(*)::int as broken, (array_agg(violation order by violation))[1:5] as examples
from orphans
