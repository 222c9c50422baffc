import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Where programs of tests are kept, beyond the life of a clone. */
export const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'stampede');

export interface CachedProgram {
  readonly name: string;
  /** Another one is another program. */
  readonly version: string;
  /** Where the program is in its directory. */
  readonly path: string;
}

/** Returns the path of a program in the cache. `make` puts it into an empty directory, once. Rejects with what `make` throws. */
export async function cachedProgram(
  { name, version, path }: CachedProgram,
  make: (directory: string) => Promise<unknown>,
): Promise<string> {
  const directory = join(cacheFolder(), `${name}-${version}`);
  const program = join(directory, path);
  if (existsSync(program)) return program;
  await mkdir(dirname(directory), { recursive: true });
  // Aside and then renamed: of two processes that make it at once, one wins and both find it whole.
  const aside = await mkdtemp(`${directory}-`);
  try {
    await make(aside);
    await rename(aside, directory).catch((error: unknown) => {
      if (!existsSync(program)) throw error;
    });
    return program;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Returns whether a program can be run with this argument. */
export const canRunProgram = (program: string, argument: string): Promise<boolean> =>
  promisify(execFile)(program, [argument]).then(
    () => true,
    () => false,
  );
