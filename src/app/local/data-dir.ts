import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { Settings } from '../config.ts';
import type { Target } from '../parts.ts';
import { type Lock, takeLock } from './lock.ts';
import { readPidFile } from './pid-file.ts';

/** Returns whether the embedded PostgreSQL has data in this directory. */
export const hasDatabase = (dataDir: string): boolean => existsSync(join(dataDir, 'postgres', 'PG_VERSION'));

/** In production with a database and a key of its own, nothing is kept on disk. A part has both, and may run beside others. */
export const usesDataDir = (
  { databaseUrl, production }: Pick<Settings, 'databaseUrl' | 'production'>,
  { isComplete }: Pick<Target, 'isComplete'>,
): boolean => databaseUrl === undefined || (!production && isComplete);

/**
 * Creates the data directory when it is missing, and holds it for this process.
 * @throws StartError when it cannot be written, or another process that is alive holds it.
 */
export function holdDataDir(dataDir: string): Lock {
  try {
    makeDirectory(dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return takeLock(dataDir, (pid) => alreadyServed(dataDir, pid));
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(
      `The data directory ${dataDir} cannot be written (${code}). Give this user the right to write it, or set STAMPEDE_DATA_DIR to another one.`,
      { cause: error },
    );
  }
}

/**
 * Creates a directory with its parents. mkdir's own `recursive` loops for ever when a parent exists but accepts no entries, as under
 * /proc.
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  if (!existsSync(dirname(path))) makeDirectory(dirname(path));
  mkdirSync(path);
}

function alreadyServed(dataDir: string, pid: number): StartError {
  const running = readPidFile(dataDir);
  const where = running?.pid === pid ? `, ${running.url}` : '';
  return new StartError(
    `The data directory ${dataDir} is in use by a running Stampede (pid ${pid}${where}). Stop it with: kill ${pid}. Or set STAMPEDE_DATA_DIR and PORT for a second one.`,
  );
}
