import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cachedProgram, canRunProgram } from '../cached-program.ts';

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
  if (await canRunProgram('mailpit', 'version')) return 'mailpit';
  return await cachedProgram({ name: 'mailpit', version: VERSION, path: 'mailpit' }, async (directory) => {
    if (!(await canRunProgram('go', 'version'))) throw new NoMailpit('install mailpit, or Go, which builds it');
    const env = { ...process.env, GOBIN: directory };
    await run('go', ['install', SOURCE], { env, timeout: BUILD_MS }).catch((error: Error) => {
      throw new NoMailpit(`Go could not build mailpit: ${error.message.slice(-500)}`);
    });
  });
}
