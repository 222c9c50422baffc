import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../../platform/kernel/start-error.ts';

const POLL_MS = 50;
/** Longer than the work under a lock takes. The lock of a process that was killed is removed after this. */
const STALE_MS = 30_000;
const WAIT_MS = 60_000;

/**
 * Runs `work` while no other process has the lock. The lock is a file that one process can create.
 * @throws StartError when the lock is not free within a minute
 */
export async function withFileLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const until = performance.now() + WAIT_MS;
  while (!create(path)) {
    if (performance.now() > until) throw new StartError(`${path} is locked by another process.`);
    removeStale(path);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function create(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && Date.now() - stats.mtimeMs > STALE_MS) rmSync(path, { force: true });
}
