import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A running Stampede, and what a rush needs to take part in it and to check it afterwards. */
export interface RunningSystem {
  readonly url: URL;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
}

/** Why there is none, in one line that says what to do. */
export interface NoSystem {
  readonly missing: string;
}

/**
 * Finds the system: the one given by `url` (then JWT_SECRET and DATABASE_URL must be set), else the one that wrote run.json
 * into the data directory. Answers only for one that is ready.
 */
export async function findSystem(url: string | undefined, env: NodeJS.ProcessEnv): Promise<RunningSystem | NoSystem> {
  const found = url === undefined ? await readDataDir(env) : fromEnv(url, env);
  if ('missing' in found) return found;
  if (found.url.protocol !== 'http:')
    return { missing: `${found.url} is not http: give the address of the node itself.` };
  try {
    const ready = await fetch(new URL('/readyz', found.url), { signal: AbortSignal.timeout(3_000) });
    if (ready.ok) return found;
    return { missing: `${found.url.origin} is not ready (HTTP ${ready.status}): try again in a moment.` };
  } catch {
    return { missing: `Nothing answers at ${found.url.origin}: start it with \`npm start\` first.` };
  }
}

function fromEnv(url: string, env: NodeJS.ProcessEnv): RunningSystem | NoSystem {
  const { JWT_SECRET: jwtSecret, DATABASE_URL: databaseUrl } = env;
  if (!URL.canParse(url)) return { missing: `--url ${url} is not an address such as http://127.0.0.1:4000.` };
  if (!jwtSecret || !databaseUrl)
    return { missing: 'With --url, set JWT_SECRET and DATABASE_URL of that system as well.' };
  return { url: new URL(url), databaseUrl, jwtSecret };
}

async function readDataDir(env: NodeJS.ProcessEnv): Promise<RunningSystem | NoSystem> {
  const dir = env['STAMPEDE_DATA_DIR'] ?? '.stampede';
  const run = await readJson(join(dir, 'run.json'));
  if (run === undefined) return { missing: 'Nothing runs here: start it with `npm start` in another terminal first.' };
  const secrets = await readJson(join(dir, 'secrets.json'));
  const url = run['url'];
  const databaseUrl = env['DATABASE_URL'] ?? run['databaseUrl'];
  const jwtSecret = env['JWT_SECRET'] ?? secrets?.['jwtSecret'];
  if (
    typeof url !== 'string' ||
    !URL.canParse(url) ||
    typeof databaseUrl !== 'string' ||
    typeof jwtSecret !== 'string'
  ) {
    return {
      missing: `${dir} does not name a running system and its secret: start it with \`npm start\`, or use --url.`,
    };
  }
  return { url: new URL(url), databaseUrl, jwtSecret };
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
