import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { type Child, startChild, urlLine } from './child.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/main.js');
const BATCHES_OF_ONE = join(ROOT, 'dist/batches-of-one.js');

interface SystemOptions {
  readonly databaseUrl: string;
  readonly jwtSecret: string;
  readonly workDir: string;
  /** On top of what every system gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** The bundle to start. Default: this checkout's. */
  readonly main?: string;
}

/** Starts the real system, as built into dist/, with its own defaults: limits, metrics and logs are on. */
export async function startSystem(options: SystemOptions): Promise<Child> {
  const env = await environment(options);
  return startChild([process.execPath, options.main ?? MAIN, 'serve'], env, () => readyUrl(env.STAMPEDE_DATA_DIR));
}

/** The same with groups of one command. Its database must have been migrated. */
export async function startBatchesOfOne(options: SystemOptions): Promise<Child> {
  await build({
    entryPoints: [join(import.meta.dirname, '../issue/baselines/batches-of-one.ts')],
    outfile: BATCHES_OF_ONE,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node24',
  });
  return startChild([process.execPath, BATCHES_OF_ONE], await environment(options), urlLine);
}

/** Brings a new database's schema up to date. `main`: the bundle that does it, by default this checkout's. */
export async function migrateSystem(databaseUrl: string, main: string = MAIN): Promise<void> {
  await promisify(execFile)(process.execPath, [main, 'migrate'], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
}

async function environment({ databaseUrl, jwtSecret, workDir, env = {} }: SystemOptions) {
  return {
    PORT: '0',
    HOST: '127.0.0.1',
    STAMPEDE_DATA_DIR: await mkdtemp(join(workDir, 'system-')),
    DATABASE_URL: databaseUrl,
    JWT_SECRET: jwtSecret,
    ...env,
  };
}

async function readyUrl(dataDir: string): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8')) as { url?: string };
    if (url === undefined) return undefined;
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(2_000) });
    return response.ok ? url : undefined;
  } catch {
    return undefined; // not written or not listening yet
  }
}
