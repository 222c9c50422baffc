select coalesce(json_agg(page), '[]')::text as rows from (select * from (${rows}) as every_row where ${owned}) as page
