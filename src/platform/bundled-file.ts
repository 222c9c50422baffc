import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
/** The build copies the files beside the bundle (tools/build.js); a program that runs from source has them in src/. */
const bundled = join(here, 'texts');
const isBundled = existsSync(bundled);
const root = isBundled ? bundled : join(here, '..');

/** Returns the text of an SQL or Lua file without the line break at its end. `path`: below src/. Throws when there is none. */
export const readBundled = async (path: string): Promise<string> =>
  (await readFile(join(root, path), 'utf8')).trimEnd();

/** Returns where the module of a thread is. `path`: below src/, with `-thread.ts` at its end, which the build bundles on its own. */
export const bundledModule = (path: string): URL =>
  pathToFileURL(isBundled ? join(here, path.replace(/\.ts$/, '.js')) : join(root, path));

/** The package has the bundle in dist/, beside src/. */
const packageRoot = isBundled ? join(here, '..') : join(here, '../..');

/** Returns the text of a file that the package contains beside the program. `path`: below its root. Throws when there is none. */
export const readPackaged = (path: string): Promise<string> => readFile(join(packageRoot, path), 'utf8');
