import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A temporary directory that every account may enter. mkdtemp's own is closed to others, so that root's embedded PostgreSQL
 * would keep its files elsewhere, and removing the directory would leave them there.
 */
export function openTemporaryDir(prefix: string): string {
  const path = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(path, 0o755);
  return path;
}
