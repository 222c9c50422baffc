// Reports names in the comments of src/ that a rename has left behind. Part of `npm run check`.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSource, staleNames } from './stale-names.ts';

const entries = await readdir('src', { recursive: true });
const contents = async (ending: string): Promise<{ readonly file: string; readonly text: string }[]> =>
  Promise.all(
    entries
      .filter((entry) => entry.endsWith(ending))
      .map(async (entry) => ({ file: join('src', entry), text: await readFile(join('src', entry), 'utf8') })),
  );
const [sources, statements] = await Promise.all([contents('.ts'), contents('.sql')]);
const stale = staleNames(
  sources.map(({ file, text }) => parseSource(file, text)),
  statements.map(({ text }) => text),
);
// Comments in generated code come from the contract and from libraries.
const own = stale.filter(({ file }) => !file.startsWith(join('src', 'gen')));
for (const { file, line, name } of own) process.stdout.write(`${file}:${line} \`${name}\` is the name of nothing\n`);
process.exitCode = own.length === 0 ? 0 : 1;
