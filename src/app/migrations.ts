import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationFolder } from '../platform/postgres/migrate.ts';
import { ALL, type Part, type Target } from './parts.ts';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * The folders of the migrations: dist/migrations beside the bundle (tools/build.js copies them), or src/ when the program runs
 * from source: the platform's, and those of the contexts in `parts`. The platform's come first, because contexts write to its outbox.
 */
export function migrationFolders({ parts }: Pick<Target, 'parts'> = ALL): readonly MigrationFolder[] {
  return allFolders().filter(({ name }) => name === 'platform' || parts.has(name as Part));
}

function allFolders(): readonly MigrationFolder[] {
  const bundled = join(here, 'migrations');
  if (existsSync(bundled)) {
    return sorted(readdirSync(bundled).map((name) => ({ name, folder: join(bundled, name) })));
  }
  const contexts = join(here, '../contexts');
  const names = existsSync(contexts) ? readdirSync(contexts) : [];
  const folders = [
    { name: 'platform', folder: join(here, '../platform/postgres/migrations') },
    ...names.map((name) => ({ name, folder: join(contexts, name, 'adapters/postgres/migrations') })),
  ];
  return sorted(folders.filter(({ folder }) => existsSync(join(folder, 'meta/_journal.json'))));
}

const rank = ({ name }: MigrationFolder): string => (name === 'platform' ? '' : name);
const sorted = (folders: readonly MigrationFolder[]): readonly MigrationFolder[] =>
  folders.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
