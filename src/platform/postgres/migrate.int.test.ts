import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { migrate } from './migrate.ts';

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'stampede-migrations-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

function writeMigrations(...statements: readonly string[]): void {
  mkdirSync(join(folder, 'meta'), { recursive: true });
  const entries = statements.map((sql, idx) => {
    writeFileSync(join(folder, `${idx}.sql`), sql);
    return { idx, version: '7', when: 1_000 + idx, tag: String(idx), breakpoints: true };
  });
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
}

async function rowsOf(statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

it('eight nodes that start at once run every migration exactly once', async () => {
  writeMigrations('create table turns (n int)', 'insert into turns values (1)');
  await Promise.all(Array.from({ length: 8 }, () => migrate(database.url, [{ name: 'turns', folder }])));
  expect(await rowsOf('select n from turns')).toEqual([{ n: 1 }]);
});

it('a second run of the migrations applies only new ones', async () => {
  writeMigrations('create table turns (n int)');
  await migrate(database.url, [{ name: 'turns', folder }]);
  writeMigrations('create table turns (n int)', 'insert into turns values (2)');
  await migrate(database.url, [{ name: 'turns', folder }]);
  expect(await rowsOf('select n from turns')).toEqual([{ n: 2 }]);
});

it('a set of migrations with a bad one leaves nothing behind', async () => {
  writeMigrations('create table turns (n int)', 'insert into nowhere values (1)');
  await expect(migrate(database.url, [{ name: 'turns', folder }])).rejects.toThrow();
  expect(await rowsOf("select to_regclass('turns')::text as found")).toEqual([{ found: null }]);
});
