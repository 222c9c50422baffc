import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reachDirectory } from './reach-directory.ts';

/** Not the name of a stored file, so lists and sweeps leave it out. */
const MARKER = '.stampede-files';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Returns the random id of a directory, which every machine that mounts it reads, and no other directory has. The first call creates the directory
 * and the id. Rejects with Unavailable when the directory cannot be read, or has no id and cannot be written.
 */
export const directoryId = (directory: string): Promise<string> =>
  reachDirectory(async () => {
    const marker = join(directory, MARKER);
    const present = await readMarker(marker);
    if (present !== undefined) return present;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const id = randomUUID();
    const own = `${marker}.${id}`;
    await writeFile(own, id, { mode: 0o600, flush: true });
    try {
      // Of several nodes that start together one links its id. The marker appears with its content.
      await link(own, marker);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(own, { force: true });
    }
    return (await readMarker(marker)) ?? id;
  });

async function readMarker(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (!UUID.test(text)) throw new Error(`${path} has no id of a directory. Remove it, and start the nodes again.`);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
