import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, stage, until } from '../attacks/support.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { type SigningIssuer, startSigningIssuer } from '../support/signing-issuer.ts';
import { type Access, accessesOf } from './explain.ts';
import { fillTables } from './full-tables.ts';
import { exerciseEveryBatcher, type RecordedStatement, recordStatements } from './recorded-statements.ts';

let on: Stage;
let issuer: SigningIssuer;
let empty: TestDatabase;
let client: pg.Client;
let statements: readonly RecordedStatement[];
beforeAll(async () => {
  const recorder = recordStatements();
  issuer = await startSigningIssuer();
  on = await stage({ rateLimit: true, issuers: [issuer.settings()] });
  await exerciseEveryBatcher(on, issuer);
  // The event of a payment reaches the batcher of coupons some time after its response.
  const sent = () => [...recorder.statements.values()];
  await until(async () => sent().some(({ name, usesBatcherPool }) => usesBatcherPool && name === 'inbox-claim'));
  recorder.stop();
  statements = sent().filter(({ usesBatcherPool }) => usesBatcherPool);
  empty = await testDatabase();
  client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await on.stop();
  await issuer.stop();
  await empty.drop();
});

/** Compares a column with a value of the statement or a column of another table: an index on both would have found the row. */
const FILTERS_BY_NAME = /(\$\d+|\w+\.\w+)\)* = | = \(*(\$\d+|\w+\.\w+)|[<>]= \(*\w+\.\w+/;
/** One row at most, whatever else is asked of it. */
const BY_ID = /^\(id = /;

const isByIndex = ({ condition = '', filter = '' }: Access): boolean =>
  condition !== '' && (BY_ID.test(condition) || !FILTERS_BY_NAME.test(filter));

async function wrongAccesses(url: string) {
  const found = await accessesOf(url, statements);
  return [...found].flatMap(([name, accesses]) =>
    accesses.filter((access) => !isByIndex(access)).map((access) => ({ name, ...access })),
  );
}

// In this order: each adds to the same tables.
describe('the plan of every statement of a batcher finds rows by an index on all that it names', () => {
  it('the recorded statements are those of every batcher', () => {
    const names = new Set(statements.map(({ name }) => name.replace(/-.*/, '')));
    for (const name of 'external followers issue job life order orders outbox point policies subscriptions time'.split(
      ' ',
    ))
      expect(names).toContain(name);
    expect(statements.length).toBeGreaterThan(60);
  });

  // Prepared statements are planned by their text, and benches compare versions: a change of the code that builds a text must
  // not change the text. A statement that is meant to change is recorded anew by `npx vitest run test/plans -u`.
  it('the batchers send the recorded texts', async () => {
    const texts = statements.map(({ name, text }) => `-- ${name}\n${text.replace(/\s+/g, ' ').trim()};\n`);
    await expect(texts.sort().join('\n')).toMatchFileSnapshot('hot-statements.sql');
  });

  it('the plan of every statement of a batcher uses an index on empty tables', async () => {
    expect(await wrongAccesses(empty.url)).toEqual([]);
  });

  it('the plan of every statement of a batcher uses an index on tables with a few rows that were never analyzed', async () => {
    expect(await wrongAccesses(on.database.url)).toEqual([]);
  });

  // The index with the longest keys is one level deeper than the others then.
  it('the plan of every statement of a batcher uses an index on tables with hundreds of rows that were never analyzed', async () => {
    await client.query('begin');
    await fillTables(client, 1, 250);
    // Tables and indexes keep the size by which sessions plan. An open transaction would hold up the relays of all databases.
    await client.query('rollback');
    expect(await wrongAccesses(on.database.url)).toEqual([]);
    await client.query('vacuum');
  });

  // Autoanalyze looks at a table when 50 of its rows are new.
  it('the plan of every statement of a batcher uses an index on tables with 60 rows that were analyzed', async () => {
    await fillTables(client, 1, 60);
    await client.query('analyze');
    expect(await wrongAccesses(on.database.url)).toEqual([]);
  });

  it('the plan of every statement of a batcher uses an index on tables that grew since they were analyzed', async () => {
    await fillTables(client, 61, 2_000);
    expect(await wrongAccesses(on.database.url)).toEqual([]);
  });

  it('the plan of every statement of a batcher uses an index on large tables that were analyzed', async () => {
    await client.query('analyze');
    expect(await wrongAccesses(on.database.url)).toEqual([]);
  });
});
