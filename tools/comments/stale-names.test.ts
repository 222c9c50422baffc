import { expect, it } from 'vitest';
import { parseSource, staleNames } from './stale-names.ts';

const namesIn = (files: Readonly<Record<string, string>>, texts: readonly string[] = []): string[] =>
  staleNames(
    Object.entries(files).map(([file, text]) => parseSource(file, text)),
    texts,
  ).map(({ file, line, name }) => `${file}:${line} ${name}`);

it('staleNames reports a parameter that a docstring calls by its former name', () => {
  const text = '/**\n * Calls `ask` once.\n */\nexport const run = (lookUp: () => void) => lookUp();';
  expect(namesIn({ 'a.ts': text })).toEqual(['a.ts:2 ask']);
});

it('staleNames reports former names in every kind of comment', () => {
  const text = 'const a = 1; // `gone`\nfunction f() {\n  /* `lost` */\n  return a; // `a`\n}\n// `last`\n';
  expect(namesIn({ 'a.ts': text })).toEqual(['a.ts:1 gone', 'a.ts:3 lost', 'a.ts:6 last']);
});

it('staleNames knows what other files declare, and neither their parameters and local names nor what only tests contain', () => {
  const comment = '// `Thing` `make` `size` `local` `given` `inner` `tested`\nexport {};';
  const other =
    'export interface Thing { size: number }\nexport function make(given: number) {\n  const local = given;\n  function inner() {}\n  return [local, inner];\n}';
  expect(namesIn({ 'a.ts': comment, 'b.ts': other, 'b.test.ts': 'export const tested = 1;' })).toEqual([
    'a.ts:1 local',
    'a.ts:1 given',
    'a.ts:1 inner',
    'a.ts:1 tested',
  ]);
});

it('staleNames knows columns, variables and codes from texts and SQL, but not the words of messages', () => {
  const comment = '// `ended_at` `SOLD_OUT` `DATA_DIR` `fence` `missing`\nexport {};';
  const other =
    "export const a = [`select ended_at\n from t`, 'SOLD_OUT', `${1} DATA_DIR of it`, 'the row is missing'];";
  expect(namesIn({ 'a.ts': comment, 'b.ts': other }, ['alter table t add fence int'])).toEqual(['a.ts:1 missing']);
});

it('staleNames does not look up expressions, commands and SQL', () => {
  expect(namesIn({ 'a.ts': '// `a + b` `npm run check` `select id` `--flag` `/path`\nexport {};' })).toEqual([]);
});
