import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUGS } from './bugs.ts';

it.each(BUGS)('$name: has its place and its tests', ({ file, search, replace, tests }) => {
  expect(readFileSync(file, 'utf8').split(search).length - 1).toBe(1);
  expect(replace).not.toBe(search);
  expect(tests.filter((test) => !existsSync(test))).toEqual([]);
});

it('no two bugs have one name', () => {
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
});
