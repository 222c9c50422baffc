import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const PAGE = readFileSync('docs/reliability.md', 'utf8');

it('docs/reliability.md names tests and commands that exist', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const commands = [...PAGE.matchAll(/`npm run ([\w:]+)/g)].map(([, name = '']) => name);
  expect(commands.filter((name) => scripts[name] === undefined)).toEqual([]);

  const missing: string[] = [];
  // A file in backticks, and after it the titles in quotation marks until the next file.
  for (const [, file = '', titles = ''] of PAGE.matchAll(/`([\w./-]+\.ts)`([^`|\n]*)/g)) {
    const text = existsSync(file) ? readFileSync(file, 'utf8').replaceAll("\\'", "'") : undefined;
    if (text === undefined) missing.push(file);
    for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) {
      if (text?.includes(title) === false) missing.push(`${file}: ${title}`);
    }
  }
  expect(missing).toEqual([]);
});
