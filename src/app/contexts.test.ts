import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CONTEXTS } from './contexts.ts';

it('the list of contexts contains every folder of src/contexts, each under its own name', () => {
  const folders = readdirSync('src/contexts', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(CONTEXTS.map(({ name }) => name).toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
});
