import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cachedProgram, canRunProgram } from '../cached-program.ts';

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
  if (await canRunProgram('oasdiff', '--version')) return 'oasdiff';
  return await cachedProgram({ name: 'oasdiff', version: VERSION, path: 'oasdiff' }, async (directory) => {
    if (!(await canRunProgram('go', 'version'))) throw new NoOasdiff('install oasdiff, or Go, which builds it');
    const env = { ...process.env, GOBIN: directory };
    await run('go', ['install', SOURCE], { env, timeout: BUILD_MS }).catch((error: Error) => {
      throw new NoOasdiff(`Go could not build oasdiff: ${error.message.slice(-500)}`);
    });
  });
}
