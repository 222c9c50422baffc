import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';

/** Readable by this user alone, durable, and never half written: a reader sees the old content or the new. */
export function writeSecretFile(path: string, content: string): void {
  const aside = `${path}.${process.pid}`;
  const file = openSync(aside, 'w', 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
}
