import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StartError } from '../../platform/kernel/start-error.ts';
import { readSettings } from '../config.ts';
import { withEmptyDatabase, withExistingDatabase } from './with-database.ts';

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

it('a command that a signal ends leaves no embedded PostgreSQL running', async () => {
  const ended = Promise.withResolvers<unknown>();
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => ended.resolve(code) as never);
  const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
  const before = process.listeners('SIGTERM');
  await withEmptyDatabase(readSettings({ STAMPEDE_DATA_DIR: dataDir }), async () => {
    expect(existsSync(pidFile)).toBe(true);
    for (const listener of process.listeners('SIGTERM').filter((each) => !before.includes(each))) listener('SIGTERM');
    expect(await ended.promise).toBe(143);
    expect(existsSync(pidFile)).toBe(false);
  });
  exit.mockRestore();
  expect(process.listeners('SIGTERM')).toEqual(before);
});
