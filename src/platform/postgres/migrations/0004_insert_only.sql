-- For tables that are only ever added to: a trigger on UPDATE, DELETE and TRUNCATE that calls it marks one. The program's own
-- login then gets no more than SELECT and INSERT there (src/platform/postgres/grants.ts); the trigger is the second line, for
-- where the program owns its tables because it was given one login for everything.
CREATE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of %.% is refused: its rows are never changed', tg_op, tg_table_schema, tg_table_name
    USING ERRCODE = 'insufficient_privilege';
END
$$;
