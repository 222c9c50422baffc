import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { BUGS } from './bugs.ts';
import { mutate, occursIn } from './mutate.ts';
import { textsOf } from './syntax.ts';

/** Ends the message of each failure: an entry is mostly written, or broken, by an author who has not read this folder. */
const HOW_TO = `How to write an entry (tools/planted/README.md):
  {
    name: 'length of the queue ignored',
    file: 'src/platform/batching/batcher.ts',
    within: 'createBatcher',                   // the declaration that contains the code
    search: 'queue.length >= queueMax || ', // whole tokens, exactly once in it; format and comments make no difference
    replace: '',
    tests: ['src/platform/batching/batcher.test.ts'],
    only: 'part of the name of a test',     // optional
  }`;

const texts = new Map<string, readonly string[]>();

it.each(BUGS)('the bug "$name" can be planted', (bug) => {
  try {
    mutate(read(bug.file, bug.search), bug);
  } catch (error) {
    throw new Error(`planted bug "${bug.name}": ${error instanceof Error ? error.message : error}\n\n${HOW_TO}`);
  }
});

it.each(BUGS)('the bug "$name" has tests', ({ tests, only }) => {
  for (const test of tests) expect(existsSync(test), `${test} does not exist${sameName(test)}`).toBe(true);
  if (only === undefined) return;
  const names = tests.flatMap((test) => [test, ...importedBy(test)]).flatMap(namesIn);
  for (const alternative of only.split('|')) {
    const own = alternative.split('.*').at(-1) ?? '';
    expect(
      names.some((name) => new RegExp(own).test(name)),
      `no test in ${tests.join(', ')} has "${own}" in its name: its \`only\` selects nothing`,
    ).toBe(true);
  }
});

it('each planted bug has a name of its own', () => {
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
});

function read(file: string, search: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const found = globSync('src/**/*.{ts,sql}').filter((each) => occursIn(each, readFileSync(each, 'utf8'), search));
  throw new Error(`${file} does not exist; files with this code: ${found.join(', ') || 'none'}`);
}

function sameName(test: string): string {
  const found = globSync(`{src,test}/**/${basename(test)}`);
  return found.length === 0 ? '' : `; files with this name: ${found.join(', ')}`;
}

/** Suites that several test files share are imported by them. */
function importedBy(file: string): string[] {
  return namesIn(file)
    .filter((text) => text.startsWith('.') && text.endsWith('.ts'))
    .map((text) => new URL(text, `file:///${file}`).pathname.slice(1))
    .filter((path) => existsSync(path));
}

/** The texts of a file. Many bugs name the same test files, and parsing one takes 10 ms. */
function namesIn(file: string): readonly string[] {
  const known = texts.get(file) ?? textsOf(file, readFileSync(file, 'utf8'));
  texts.set(file, known);
  return known;
}
