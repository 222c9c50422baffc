import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StartError } from '../../platform/kernel/start-error.ts';
import { readSettings } from '../config.ts';
import { withExistingDatabase } from './with-database.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'stampede-no-database-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

it('a command that only looks refuses a directory without a database, and creates none there', async () => {
  const looking = withExistingDatabase(readSettings({ STAMPEDE_DATA_DIR: dataDir }), () => Promise.resolve('looked'));
  await expect(looking).rejects.toThrow(StartError);
  await expect(looking).rejects.toThrow(`There is no database in ${dataDir}.`);
  expect(readdirSync(dataDir)).toEqual([]);
});
