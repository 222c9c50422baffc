import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backUp } from '../../src/app/backup/back-up.ts';
import { restore } from '../../src/app/backup/restore.ts';
import { migrationFolders } from '../../src/app/migrations.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const directory = mkdtempSync(join(tmpdir(), 'stampede-restores-'));
const whole = join(directory, 'whole.backup');
let original: TestDatabase;
let target: TestDatabase;
beforeAll(async () => {
  original = await testDatabase();
  // More than the buffers of a process hold, so that a part of the file leaves a part of the rows to come.
  await query(
    original.url,
    `insert into webhook.forgotten_users select 'userId:' || md5(n::text), now() from generate_series(1, 20000) as n`,
  );
  await backUp(original.url, whole);
});
beforeEach(async () => {
  target = await testDatabase({ isMigrated: false });
  return () => target.drop();
});
afterAll(async () => {
  await original?.drop();
  rmSync(directory, { recursive: true });
});

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query<Row>(text).finally(() => client.end())).rows;
}
const schemasOf = async (url: string) =>
  (
    await query<{ name: string }>(
      url,
      `select nspname as name from pg_namespace where nspname !~ '^pg_|information_schema'`,
    )
  )
    .map(({ name }) => name)
    .toSorted();
const forgottenIn = async (url: string) =>
  (await query<{ count: number }>(url, 'select count(*)::int as count from webhook.forgotten_users'))[0]?.count;

describe('a restore', () => {
  it('a restore that was killed keeps everything else from the database, and the next one starts again', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const program = resolve('test/faults/restore-process.ts');
    const child = spawn(process.execPath, [program, pipe, target.url], { stdio: ['ignore', 'ignore', 'inherit'] });
    const content = readFileSync(whole);
    const input = createWriteStream(pipe);
    input.on('error', () => {});
    input.write(content.subarray(0, content.length / 2));
    for (let isThere = false; !isThere; await sleep(50)) {
      expect(child.exitCode).toBe(null);
      const [row] = await query<{ found: boolean }>(
        target.url,
        `select to_regclass('webhook.forgotten_users') is not null as found`,
      );
      isThere = row?.found === true;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    input.destroy();
    await expect(migrate(target.url, migrationFolders())).rejects.toThrow(
      'A restore into this database has not finished.',
    );

    await restore({ file: whole, url: target.url });
    expect(await forgottenIn(target.url)).toBe(20_000);
    await migrate(target.url, migrationFolders());
    await expect(restore({ file: whole, url: target.url })).rejects.toThrow(
      'The database has tables of Stampede already',
    );
  });

  it.each([
    ['that was cut off', (content: Buffer) => content.subarray(0, content.length / 2), 'unexpected end of file'],
    [
      'that names a table of PostgreSQL',
      (content: Buffer) => renamed(content, '"table":"webhook.forgotten_users"', '"table":"pg_catalog.pg_authid"'),
      'it names tables, columns or sequences that this version does not have',
    ],
    [
      'with a statement in the name of a column',
      (content: Buffer) => renamed(content, '"columns":["deleted_at"', `"columns":["deleted_at) from program 'id' --"`),
      'it names tables, columns or sequences that this version does not have',
    ],
    [
      'that names a sequence of another table',
      (content: Buffer) => renamed(content, '"name":"webhook.deliveries_id_seq"', '"name":"pg_catalog.pg_class"'),
      'it names tables, columns or sequences that this version does not have',
    ],
  ])('a file %s leaves an empty database, into which a whole file is restored', async (_, damage, reason) => {
    const before = await schemasOf(target.url);
    const damaged = join(directory, 'damaged.backup');
    writeFileSync(damaged, damage(readFileSync(whole)));
    await expect(restore({ file: damaged, url: target.url })).rejects.toThrow(reason);
    expect(await schemasOf(target.url)).toEqual(before);
    await restore({ file: whole, url: target.url });
    expect(await forgottenIn(target.url)).toBe(20_000);
  });
});

function renamed(content: Buffer, from: string, to: string): Buffer {
  const text = gunzipSync(content).toString('latin1');
  if (!text.includes(from)) throw new Error(`the backup has no ${from}`);
  return gzipSync(Buffer.from(text.replace(from, to), 'latin1'));
}
