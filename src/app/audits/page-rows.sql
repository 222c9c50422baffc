select coalesce(json_agg(page), '[]')::text as rows from (${rows}) as page
