import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';

const PAGE = readFileSync('docs/cli.md', 'utf8');

/** The commands that do something, with the groups that they are in. */
function leaves(command: Command, path: readonly string[] = []): readonly string[] {
  if (command.commands.length === 0) return [path.join(' ')];
  return command.commands.flatMap((each) => leaves(each, [...path, each.name()]));
}

it('docs/cli.md lists every command and no other', () => {
  const [, table = ''] = PAGE.split('| command |');
  const listed = table
    .slice(0, table.indexOf('\n\n'))
    .split('\n')
    .slice(2)
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(listed.toSorted()).toEqual([...leaves(createProgram())].toSorted());
});

it('docs/cli.md lists every exit code', () => {
  const listed = [...PAGE.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual([...Object.values(EXIT), 130]);
});

it('the documents name the program as npm finds it: another package has the name stampede', () => {
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => join('docs', file)),
  ];
  const wrong = files.filter((file) => /npx stampede(?!-server)/.test(readFileSync(file, 'utf8')));
  expect(wrong).toEqual([]);
});

it('npx stampede-server runs the program in a clone as well, where npm looks for a bin of that name', () => {
  expect(Object.keys(manifest.bin)).toEqual(['stampede', manifest.name]);
});
