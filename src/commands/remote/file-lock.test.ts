import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openTemporaryDir } from '../../../test/support/open-temporary-dir.ts';
import { withFileLock } from './file-lock.ts';

function lockPath(): string {
  const path = openTemporaryDir('stampede-lock-');
  onTestFinished(() => rmSync(path, { recursive: true }));
  return join(path, 'sessions.lock');
}

test('work under one lock runs one after the other, also after work that failed', async () => {
  const path = lockPath();
  let running = 0;
  const work = async (): Promise<number> => {
    running += 1;
    await new Promise(setImmediate);
    return running--;
  };
  const failed = withFileLock(path, () => Promise.reject(new Error('no')));
  const results = await Promise.all([withFileLock(path, work), withFileLock(path, work), failed.catch(() => 1)]);
  expect(results).toEqual([1, 1, 1]);
  expect(existsSync(path)).toBe(false);
});

test('the lock of a process that was killed is removed', async () => {
  const path = lockPath();
  writeFileSync(path, '');
  utimesSync(path, 0, 0);
  expect(await withFileLock(path, async () => 'done')).toBe('done');
});
