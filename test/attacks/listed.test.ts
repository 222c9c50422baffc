import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const DOCUMENT = 'docs/attacks.md';
const FILES = '{src,test}/**/*.ts';

/** The numbers of the lines of the document. */
const listed = new Set([...readFileSync(DOCUMENT, 'utf8').matchAll(/^\| (\d+) \|/gm)].map(([, number]) => number));

/** The numbers with which titles of tests begin. */
const tested = new Set(
  globSync(FILES)
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/docs\/attacks\.md (\d+(?:, \d+)*): /g)])
    .flatMap(([, numbers = '']) => numbers.split(', ')),
);

test('every attack in docs/attacks.md has a test, and every test of an attack names one of them', () => {
  expect([...tested].sort()).toEqual([...listed].sort());
});
