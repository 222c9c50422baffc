import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLibraryLinks } from './library-links.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stampede-links-'));
  mkdirSync(join(dir, 'native/lib'), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

const LINKS = [
  { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' },
  { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
];

it('the links of a package whose install script did not run are created, and those that are there stay', () => {
  writeFileSync(join(dir, 'native/lib/libpq.so.5.18'), '');
  writeFileSync(join(dir, 'native/pg-symlinks.json'), JSON.stringify(LINKS));
  createLibraryLinks(dir);
  createLibraryLinks(dir);
  expect(LINKS.map(({ target }) => readlinkSync(join(dir, target)))).toEqual(['libpq.so.5.18', 'libpq.so.5.18']);
});

it('a package without a list of links needs none', () => {
  createLibraryLinks(dir);
});
