import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StartError } from '../../kernel/start-error.ts';

interface Link {
  /** Path of the library below the package. */
  readonly source: string;
  readonly target: string;
}

/**
 * Creates the symbolic links between the libraries of a PostgreSQL package. npm packages contain none; the package lists them for its install script, which npm does not run unless it is
 * allowed, and pnpm never runs.
 * @param packageDir folder of the package
 * @throws StartError when this user may not write there
 */
export function createLibraryLinks(packageDir: string): void {
  const list = join(packageDir, 'native/pg-symlinks.json');
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as readonly Link[]) : [];
  for (const { source, target } of links) {
    if (existsSync(join(packageDir, target))) continue;
    try {
      // Both are in one folder.
      symlinkSync(basename(source), join(packageDir, target));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue; // another process created it
      throw new StartError(
        `The embedded PostgreSQL is not complete: ${target} cannot be created in ${packageDir} (${code}). Start the program once as the user who installed it.`,
        { cause: error },
      );
    }
  }
}
