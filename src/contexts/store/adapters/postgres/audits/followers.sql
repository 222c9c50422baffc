with counted as (
  select type, target_id, count(*) as rows from store.subscriptions group by type, target_id
), kept as (
  select 'STORE' as type, id as target_id, followers from store.stores
  union all select 'POLICY', policy_id, followers from store.followed_policies
), judged as (
  select coalesce(k.followers, 0) as followers, case
    when coalesce(k.followers, 0) <> coalesce(c.rows, 0) then format('%s %s has %s followers and counts %s',
      lower(coalesce(k.type, c.type)), coalesce(k.target_id, c.target_id), coalesce(c.rows, 0), coalesce(k.followers, 0))
  end as violation
  from kept as k full join counted as c using (type, target_id)
)
select json_build_object('followers', coalesce(sum(followers), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by violation) filter (where violation is not null))[1:5] as examples
from judged
