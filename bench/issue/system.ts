import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

/**
 * Starts the real system, as built into dist/, with its own defaults: limits, metrics and logs are on. `groupMax` bounds the
 * groups of its lanes. Ready when /readyz says so.
 */
export async function startSystem(
  ground: { readonly databaseUrl: string; readonly jwtSecret: string; readonly workDir: string },
  groupMax: number | undefined,
): Promise<Child> {
  const dataDir = await mkdtemp(join(ground.workDir, 'system-'));
  const env = {
    PORT: '0',
    HOST: '127.0.0.1',
    STAMPEDE_DATA_DIR: dataDir,
    DATABASE_URL: ground.databaseUrl,
    JWT_SECRET: ground.jwtSecret,
    ...(groupMax === undefined ? {} : { STAMPEDE_LANE_GROUP_MAX: String(groupMax) }),
  };
  return startChild([process.execPath, MAIN, 'serve'], env, () => readyUrl(dataDir));
}

async function readyUrl(dataDir: string): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8')) as { url?: string };
    if (url === undefined) return undefined;
    const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? url : undefined;
  } catch {
    return undefined; // not written or not listening yet
  }
}
