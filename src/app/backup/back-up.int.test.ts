import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/postgres.ts';
import { backUp } from './back-up.ts';

const WAITING = `select from pg_stat_activity where datname = current_database() and application_name like 'stampede-backup%' and wait_event_type = 'Lock'`;

test('a backup that begins while a table is rewritten has the rows of that table', async () => {
  const { url, drop } = await testDatabase();
  const directory = mkdtempSync(join(tmpdir(), 'stampede-back-up-'));
  const file = join(directory, 'backup');
  const [client, observer] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  try {
    await Promise.all([client.connect(), observer.connect()]);
    await client.query(`insert into webhook.forgotten_users values ('userId:1', now())`);
    await client.query('begin');
    await client.query('alter table webhook.forgotten_users alter column subject type varchar(100)');
    const backing = backUp(url, file);
    await expect.poll(async () => (await observer.query(WAITING)).rowCount, { timeout: 60_000 }).toBe(1);
    await client.query('commit');
    expect((await backing).rows['webhook.forgotten_users']).toBe(1);
    expect(gunzipSync(readFileSync(file)).toString()).toContain('userId:1');
  } finally {
    await Promise.all([client.end(), observer.end()]);
    rmSync(directory, { recursive: true });
    await drop();
  }
});
