import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { decideLedger } from '../domain/ledger.ts';
import { BALANCE_MAX, charge, NOW_MS } from './commands.ts';
import { nodeOver } from './open-stores.ts';

let home: TestDatabase;
let program: pg.Client;
let owner: pg.Client;
beforeAll(async () => {
  home = await testDatabase();
  const nextId = countingIds();
  const { database, store } = nodeOver(home.programUrl, nextId);
  const commands = [charge(7n, 100n, 'a')];
  const rules = { nowMs: NOW_MS, nextId, balanceMax: BALANCE_MAX };
  await store.changeBatch(commands, (seen) => decideLedger(seen, commands, rules), NOW_MS);
  await database.close();
  program = new pg.Client({ connectionString: home.programUrl });
  owner = new pg.Client({ connectionString: home.url });
  await Promise.all([program.connect(), owner.connect()]);
});
afterAll(async () => {
  await Promise.all([program.end(), owner.end()]);
  await home.drop();
});

const LEDGER = ['transactions', 'entries', 'lot_moves'];
const DENIED = { code: '42501' };

/** A hosted PostgreSQL may have one login for everything. */
const ONE_LOGIN = inject('postgresUrl') === inject('postgresProgramUrl');

describe.each(LEDGER)('docs/attacks.md 57: the insert-only table point.%s', (table) => {
  it
    .skipIf(ONE_LOGIN)
    .each([
      `update point.${table} set amount = amount + 1`,
      `delete from point.${table}`,
      `truncate point.${table}`,
      `insert into point.${table} select * from point.${table} on conflict do nothing; update point.${table} set amount = 0`,
      `alter table point.${table} disable trigger all`,
      `drop trigger insert_only on point.${table}`,
      `create trigger mine before insert on point.${table} for each row execute function platform.refuse_change()`,
      `alter table point.${table} owner to current_user`,
      `drop table point.${table}`,
      `create or replace rule mine as on insert to point.${table} do instead nothing`,
      `grant update on point.${table} to current_user`,
    ])('an insert-only table of points cannot be changed by the login of the program: %s', async (statement) => {
    const before = await owner.query(`select * from point.${table}`);
    // Granting oneself what one has not is no error, and gives nothing.
    await program.query(statement).catch((error: unknown) => expect(error).toMatchObject(DENIED));
    await expect(program.query(`update point.${table} set amount = 0`)).rejects.toMatchObject(DENIED);
    expect((await owner.query(`select * from point.${table}`)).rows).toEqual(before.rows);
    expect(before.rowCount).toBeGreaterThan(0);
  });

  it.skipIf(ONE_LOGIN)('privileges protect an insert-only table of points, also without the trigger', async () => {
    await owner.query(`alter table point.${table} disable trigger insert_only`);
    for (const change of [
      `update point.${table} set amount = 0`,
      `delete from point.${table}`,
      `truncate point.${table}`,
    ]) {
      await expect(program.query(change), change).rejects.toMatchObject(DENIED);
    }
    await owner.query(`alter table point.${table} enable trigger insert_only`);
  });

  it.each([`update point.${table} set amount = 0`, `delete from point.${table}`, `truncate point.${table}`])(
    'a trigger protects an insert-only table of points where the program owns it: %s',
    async (statement) => {
      await expect(owner.query(statement)).rejects.toMatchObject(DENIED);
      expect((await owner.query(`select 1 from point.${table}`)).rowCount).toBeGreaterThan(0);
    },
  );
});

it.skipIf(ONE_LOGIN)(
  'docs/attacks.md 57: the login of the program can create nothing and take no other role',
  async () => {
    const statements = [
      'create schema mine',
      'create table point.mine (id int)',
      'create table public.mine (id int)',
      'set role stampede',
      'set role postgres',
      'set session_replication_role = replica',
      'create or replace function platform.refuse_change() returns trigger language plpgsql as $$ begin return null; end $$',
    ];
    for (const statement of statements) {
      await expect(program.query(statement), statement).rejects.toMatchObject(DENIED);
    }
    const { rows } = await program.query(
      'select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles where rolname = current_user',
    );
    expect(rows).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false }]);
  },
);
