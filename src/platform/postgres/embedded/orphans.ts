import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf, listProcesses, signal } from '../../processes.ts';

/** A fast shutdown writes a checkpoint first: 10 s for a slow disk, then PostgreSQL's log has to do (recovery at start). */
const FAST_MS = 10_000;
const QUIT_MS = 5_000;
const POLL_MS = 50;

/**
 * Stops the processes that a killed server left behind, so that a new one can start: the orphaned PostgreSQL of this cluster
 * and its backends, and a postmaster.pid whose pid some other program has by now, which PostgreSQL would believe.
 * The caller holds the data directory's lock, so nothing found here belongs to a living server.
 */
export async function clearOrphans(cluster: string, clusterName: string): Promise<void> {
  for (const [name, waitMs] of [
    ['SIGINT', FAST_MS],
    ['SIGQUIT', QUIT_MS],
    ['SIGKILL', QUIT_MS],
  ] as const) {
    const { postmasters, backends } = findOrphans(cluster, clusterName);
    if (postmasters.length + backends.length === 0) break;
    // A postmaster stops its own backends. Without one they get a signal directly; SIGQUIT is the mildest that they act on.
    if (postmasters.length > 0) for (const pid of postmasters) signal(pid, name);
    else for (const pid of backends) signal(pid, name === 'SIGINT' ? 'SIGQUIT' : name);
    await gone(() => count(findOrphans(cluster, clusterName)) === 0, waitMs);
  }
  removeStalePidFile(cluster);
}

interface Orphans {
  readonly postmasters: readonly number[];
  readonly backends: readonly number[];
}
const count = ({ postmasters, backends }: Orphans): number => postmasters.length + backends.length;

function findOrphans(cluster: string, clusterName: string): Orphans {
  const all = listProcesses();
  return {
    postmasters: all.filter(({ command }) => command.includes(`postgres -D ${cluster} `)).map(({ pid }) => pid),
    backends: all.filter(({ command }) => command.startsWith(`postgres: ${clusterName}: `)).map(({ pid }) => pid),
  };
}

function removeStalePidFile(cluster: string): void {
  const path = join(cluster, 'postmaster.pid');
  const pid = Number(readIfThere(path)?.split('\n')[0]);
  // A dead pid is PostgreSQL's own business: it also checks that no backend still uses the shared memory.
  if (Number.isInteger(pid) && birthOf(pid) !== undefined) rmSync(path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function gone(done: () => boolean, withinMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs && !done(); waitedMs += POLL_MS) await sleep(POLL_MS);
}
