import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '1.37.0';
const SOURCE = `github.com/oasdiff/oasdiff@v${VERSION}`;
/** It takes about a minute of two cores. */
const BUILD_MS = 15 * 60_000;

/** There is no oasdiff here, and nothing to build it with. The message says how to get it. */
export class NoOasdiff extends Error {
  override readonly name = 'NoOasdiff';
}

/**
 * The program that compares two OpenAPI documents: on PATH, or built by Go once into the user's cache, which outlives a clone.
 * @throws NoOasdiff without oasdiff and Go, or when Go cannot build it
 */
export async function oasdiffBinary(): Promise<string> {
  if (await runs('oasdiff', '--version')) return 'oasdiff';
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const cached = join(cache, 'stampede', `oasdiff-${VERSION}`, 'oasdiff');
  if (existsSync(cached)) return cached;
  if (!(await runs('go', 'version'))) throw new NoOasdiff('install oasdiff, or Go, which builds it');
  await mkdir(dirname(dirname(cached)), { recursive: true });
  // Aside and then renamed: of two processes that build at once, both find it whole.
  const aside = await mkdtemp(`${dirname(cached)}-`);
  try {
    await run('go', ['install', SOURCE], { env: { ...process.env, GOBIN: aside }, timeout: BUILD_MS });
    await mkdir(dirname(cached), { recursive: true });
    await rename(join(aside, 'oasdiff'), cached);
    return cached;
  } catch (error) {
    throw new NoOasdiff(`Go could not build oasdiff: ${(error as Error).message.slice(-500)}`);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function runs(program: string, argument: string): Promise<boolean> {
  return await run(program, [argument]).then(
    () => true,
    () => false,
  );
}
