import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { birthOf } from '../../platform/processes.ts';

export interface Lock {
  release(): void;
}

const TRIES = 10;

/**
 * One process a data directory. The lock is a file that names its holder by pid and birth; a holder that was killed is
 * dead by that test, so its lock is taken over. Creating a hard link makes that atomic.
 * @throws what `held` makes of the living holder's pid.
 */
export function takeLock(directory: string, held: (pid: number) => Error): Lock {
  const path = join(directory, 'lock');
  const mine = `${process.pid} ${birthOf(process.pid)}`;
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (linked(aside, path)) return { release: () => releaseIf(path, mine) };
      const holder = readIfThere(path);
      if (holder === undefined) continue; // released meanwhile
      const [pid, birth] = splitOnce(holder);
      if (birthOf(Number(pid)) === birth) throw held(Number(pid));
      removeStale(path, holder);
    }
    throw new Error(`${path} changes hands all the time`);
  } finally {
    rmSync(aside, { force: true });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Two starts may find the same stale lock: a start that renamed away the other's fresh lock puts it back. */
function removeStale(path: string, stale: string): void {
  const grave = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, grave);
  } catch {
    return; // the other start removed it
  }
  if (readIfThere(grave) !== stale) linked(grave, path);
  rmSync(grave, { force: true });
}

function releaseIf(path: string, mine: string): void {
  if (readIfThere(path) === mine) rmSync(path, { force: true });
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf(' ');
  return [text.slice(0, at), text.slice(at + 1)];
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
