with found as (
  select id, case
    when enabled <> (disabled_reason is null) then format('webhook %s: enabled is %s, the reason is %s', id, enabled, coalesce(disabled_reason, 'none'))
    when not enabled and lease is not null then format('webhook %s is disabled, and a process sends to it', id)
  end as violation
  from webhook.endpoints
)
select json_build_object('webhooks', count(*)) as figures, count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from found
