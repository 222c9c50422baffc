import type pg from 'pg';

/**
 * The privileges of the program's login in every schema of the migrations: none on the schema itself, all on
 * the rows, and on tables marked by the trigger of platform.refuse_change() only to read and add rows. Repeated at each start,
 * so that tables of later versions are covered.
 */
const GRANT = `
do $do$
declare
  login text := current_setting('stampede.login');
  item record;
begin
  for item in
    select n.oid, n.nspname as name from pg_namespace as n
    where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'migrations', 'public')
  loop
    execute format('grant usage on schema %I to %I', item.name, login);
    execute format('grant usage, select on all sequences in schema %I to %I', item.name, login);
    execute format('grant execute on all functions in schema %I to %I', item.name, login);
  end loop;
  for item in
    select n.nspname as schema, c.relname as name, exists (
      select from pg_trigger as t join pg_proc as p on p.oid = t.tgfoid
      where t.tgrelid = c.oid and p.proname = 'refuse_change' and p.pronamespace = 'platform'::regnamespace
    ) as insert_only
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname !~ '^pg_'
      and n.nspname not in ('information_schema', 'migrations', 'public')
  loop
    if item.insert_only then
      execute format('revoke all on %I.%I from %I', item.schema, item.name, login);
      execute format('grant select, insert on %I.%I to %I', item.schema, item.name, login);
    else
      execute format('grant select, insert, update, delete on %I.%I to %I', item.schema, item.name, login);
    end if;
  end loop;
end
$do$`;

/** As the owner of the schemas. @param login the role that the program connects with; it exists, and owns nothing */
export async function grantToProgram(client: pg.ClientBase, login: string): Promise<void> {
  await client.query(`select set_config('stampede.login', $1, false)`, [login]);
  await client.query(GRANT);
}
