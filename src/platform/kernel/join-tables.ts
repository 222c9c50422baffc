/** Entries by name, such as the refusal codes or the topics of one context. */
type Table<Entry> = Readonly<Record<string, Entry>>;

/**
 * Joins the tables of all owners into one. Throws an Error that names both owners when two of them declare the same name, because one
 * entry would hide the other.
 */
export function joinTables<Entry>(tables: Iterable<readonly [owner: string, table: Table<Entry>]>): Table<Entry> {
  const joined: Record<string, Entry> = {};
  const owners = new Map<string, string>();
  for (const [owner, table] of tables) {
    for (const [name, entry] of Object.entries(table)) {
      const other = owners.get(name);
      if (other !== undefined) throw new Error(`${name} is declared by ${other} and by ${owner}: declare it once`);
      owners.set(name, owner);
      joined[name] = entry;
    }
  }
  return joined;
}
