import { access, constants, stat } from 'node:fs/promises';
import { StartError } from '../platform/kernel/start-error.ts';

/** @throws StartError when it is missing, a directory, or not this user's to read */
export async function assertReadable(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new StartError(`There is no file ${file}.`);
  if (found.isDirectory()) throw new StartError(`${file} is a directory. Name a file.`);
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw new StartError(`${file} cannot be read. Give this user the right to read it.`, { cause: error });
  });
}
