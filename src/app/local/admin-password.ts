import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../platform/kernel/start-error.ts';
import { makeDirectory } from './data-dir.ts';
import { writeSecretFile } from './write-secret-file.ts';

export const adminPasswordFile = (dataDir: string): string => join(dataDir, 'admin-password.txt');

/**
 * Writes a generated password to a file that this user alone can read, and returns how to remove it.
 * @throws StartError when the file cannot be written
 */
export function keepAdminPassword(dataDir: string, password: string): () => void {
  const path = adminPasswordFile(dataDir);
  try {
    makeDirectory(dataDir);
    writeSecretFile(path, `${password}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(
      `The password of the administrator cannot be written to ${path} (${code}). Set STAMPEDE_ADMIN_PASSWORD, or STAMPEDE_DATA_DIR to a directory that this user may write.`,
      { cause: error },
    );
  }
  return () => rmSync(path, { force: true });
}
