import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, opendir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { idOfFile, isFileName } from './file-name.ts';
import type { FileStore } from './file-store.ts';
import { reachDirectory } from './reach-directory.ts';

/** Of a file that is being written. */
const PART = '.part';
const PAGE_MAX = 500;

/**
 * Files in one directory, which is created with the first of them. Several nodes need one directory that they share.
 *
 * A file gets its name after its content is on the disk, so a crash leaves no half file under a name.
 */
export function directoryFileStore(directory: string): FileStore {
  const pathOf = (name: string): string => {
    idOfFile(name);
    return join(directory, name);
  };
  return {
    put: (name, content) =>
      reachDirectory(async () => {
        const path = pathOf(name);
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await withFile(`${path}${PART}`, 'w', async (file) => {
          await file.writeFile(content);
          await file.sync();
        });
        await rename(`${path}${PART}`, path);
        // The new name is in the directory, which has to reach the disk as well.
        await withFile(directory, constants.O_RDONLY, (file) => file.sync());
      }),

    get: (name) => reachDirectory(() => unlessMissing(readFile(pathOf(name)))),

    remove: (name) =>
      reachDirectory(async () => {
        const path = pathOf(name);
        await rm(`${path}${PART}`, { force: true });
        await rm(path, { force: true });
      }),

    async *list() {
      const entries = await reachDirectory(() => unlessMissing(opendir(directory)));
      let page: string[] = [];
      for await (const entry of entries ?? []) {
        const name = entry.name.endsWith(PART) ? entry.name.slice(0, -PART.length) : entry.name;
        if (entry.isFile() && isFileName(name)) page.push(name);
        if (page.length < PAGE_MAX) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    },
  };
}

async function withFile(path: string, flags: string | number, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
