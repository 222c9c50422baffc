with judged as materialized (${judged})
select count(*) filter (where counted)::float8 as counted, coalesce(sum(amount), 0)::float8 as summed,
  coalesce(json_agg(json_build_object('key', key::text, 'name', name, 'violation', violation, 'seen', seen))
    filter (where violation is not null), '[]') as differences
from judged
