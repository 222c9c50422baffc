import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type pg from 'pg';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { MigrationFolder } from '../../platform/postgres/migrate.ts';
import type { BackupHeader } from './backup-file.ts';

type Applied = BackupHeader['migrations'];

/** The hashes of the migrations that a database has, by their set. */
export async function appliedMigrations(client: pg.ClientBase, folders: readonly MigrationFolder[]): Promise<Applied> {
  const applied: Record<string, string[]> = {};
  for (const { name } of folders) {
    const { rows } = await client.query<{ hash: string }>(`select hash from migrations.${name} order by created_at`);
    applied[name] = rows.map(({ hash }) => hash);
  }
  return applied;
}

/**
 * Runs `work` with the folders of the migrations that a backup has: its rows fit these tables, and later migrations then change both.
 * @throws StartError when the backup has migrations that this program does not have
 */
export async function withMigrationsOf<Result>(
  { migrations, version }: BackupHeader,
  all: readonly MigrationFolder[],
  work: (folders: readonly MigrationFolder[]) => Promise<Result>,
): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'stampede-migrations-'));
  try {
    const folders = Object.entries(migrations).map(([name, hashes]) => {
      const whole = all.find((folder) => folder.name === name);
      const known = whole === undefined ? [] : readMigrationFiles({ migrationsFolder: whole.folder });
      if (whole === undefined || hashes.some((hash, index) => known[index]?.hash !== hash)) {
        throw new StartError(
          `The backup is of version ${version}, whose tables of ${name} this version does not know. Restore it with that version.`,
        );
      }
      return hashes.length === known.length ? whole : firstOf(whole, hashes.length, join(dir, name));
    });
    return await work(folders);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A copy of the folder with its first migrations only. */
function firstOf({ name, folder }: MigrationFolder, count: number, copy: string): MigrationFolder {
  const path = 'meta/_journal.json';
  const journal = JSON.parse(readFileSync(join(folder, path), 'utf8')) as { entries: readonly { tag: string }[] };
  const entries = journal.entries.slice(0, count);
  mkdirSync(join(copy, 'meta'), { recursive: true });
  writeFileSync(join(copy, path), JSON.stringify({ ...journal, entries }));
  for (const { tag } of entries) cpSync(join(folder, `${tag}.sql`), join(copy, `${tag}.sql`));
  return { name, folder: copy };
}
