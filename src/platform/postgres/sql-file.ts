import { readBundled } from '../bundled-file.ts';

/** A statement in a file of its own. */
export interface SqlFile {
  /** Below src/, for example contexts/point/adapters/postgres/audits/lots.sql. */
  readonly path: string;
  /** What stands for each `${name}` in it: SQL, or another file. Never input of a user: that is a parameter such as $1. */
  readonly values?: Readonly<Record<string, string | SqlFile>>;
}

/** Returns the statement. Throws when the file does not exist, or names a value that is not given. */
export async function readSql({ path, values = {} }: SqlFile): Promise<string> {
  const text = await readBundled(path);
  const contents = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    contents.set(name, typeof value === 'string' ? value : await readSql(value));
  }
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const content = contents.get(name);
    if (content === undefined) throw new Error(`${path} has a value ${name}, which is not given`);
    return content;
  });
}
