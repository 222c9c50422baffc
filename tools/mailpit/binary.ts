import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '1.33.1';
const SOURCE = `github.com/axllent/mailpit@v${VERSION}`;
/** It takes 2 to 4 minutes of two cores. */
const BUILD_MS = 15 * 60_000;

/** There is no mailpit here, and nothing to build it with. The message says how to get it. */
export class NoMailpit extends Error {
  override readonly name = 'NoMailpit';
}

/**
 * The mail server of the tests: on PATH, or built by Go once into the user's cache, which outlives a clone.
 * @throws NoMailpit without mailpit and Go, or when Go cannot build it
 */
export async function mailpitBinary(): Promise<string> {
  if (await answers('mailpit', 'version')) return 'mailpit';
  const cached = join(
    process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    'stampede',
    `mailpit-${VERSION}`,
    'mailpit',
  );
  if (existsSync(cached)) return cached;
  if (!(await answers('go', 'version'))) throw new NoMailpit('install mailpit, or Go, which builds it');
  await mkdir(dirname(dirname(cached)), { recursive: true });
  // Aside and then renamed: of two processes that build at once, both find it whole.
  const aside = await mkdtemp(`${dirname(cached)}-`);
  try {
    await run('go', ['install', SOURCE], { env: { ...process.env, GOBIN: aside }, timeout: BUILD_MS });
    await mkdir(dirname(cached), { recursive: true });
    await rename(join(aside, 'mailpit'), cached);
    return cached;
  } catch (error) {
    throw new NoMailpit(`Go could not build mailpit: ${(error as Error).message.slice(-500)}`);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function answers(program: string, argument: string): Promise<boolean> {
  return await run(program, [argument]).then(
    () => true,
    () => false,
  );
}
