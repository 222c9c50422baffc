import type pg from 'pg';
import { CONTEXTS, runs } from '../contexts.ts';
import { columnsOf, sequencesOf, tablesOf } from '../move/copy-table.ts';
import { DamagedBackup, type TableSection } from './backup-file.ts';

/** What a file may fill: of each table, its columns and the sequences of its numbers, all quoted. */
export type KnownSections = ReadonlyMap<
  string,
  { readonly columns: ReadonlySet<string>; readonly sequences: ReadonlySet<string> }
>;

/** Reads the tables of the platform and of the contexts in `names` from a database that has them. */
export async function knownSections(client: pg.ClientBase, names: readonly string[]): Promise<KnownSections> {
  const schemas = CONTEXTS.filter(runs)
    .filter(({ name }) => names.includes(name))
    .map(({ schema }) => schema);
  const known = new Map<string, { columns: ReadonlySet<string>; sequences: ReadonlySet<string> }>();
  for (const schema of ['platform', ...schemas]) {
    for (const table of await tablesOf(client, schema)) {
      const sequences = (await sequencesOf(client, table)).map(({ name }) => name);
      known.set(table, { columns: new Set(await columnsOf(client, table)), sequences: new Set(sequences) });
    }
  }
  return known;
}

/**
 * The names of a section become part of statements of the login that owns the schemas, and a file may come from anywhere.
 * @throws DamagedBackup when the section names what the database does not have
 */
export function assertKnown(known: KnownSections, { table, columns, sequences }: TableSection): void {
  const found = known.get(table);
  const isKnown =
    found !== undefined &&
    columns.length > 0 &&
    columns.every((column) => found.columns.has(column)) &&
    sequences.every(({ name }) => found.sequences.has(name));
  if (!isKnown) throw new DamagedBackup('it names tables, columns or sequences that this version does not have');
}
