// The guides in docs/guides/replacing compare the routes of other systems with those of this one.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documentOfRoutes } from '../../tools/openapi/document.ts';

const DIR = 'docs/guides/replacing';
const ROUTE = /`(GET|POST|PUT|PATCH|DELETE) (\/[^`?\s]*)[^`]*`/g;

const templateOf = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '{}');
const routesIn = (text: string): readonly string[] =>
  [...text.matchAll(ROUTE)].map(([, method, path = '']) => `${method} ${path}`);

/** The first cells of the tables that compare routes, and everything else. */
function partsOf(page: string) {
  const theirs: string[] = [];
  const ours: string[] = [];
  let isInTable = false;
  for (const line of page.split('\n')) {
    if (line.startsWith('| their route |')) isInTable = true;
    else if (!line.startsWith('|')) isInTable = false;
    const [, first = '', ...rest] = line.split('|');
    if (isInTable) theirs.push(first);
    ours.push(isInTable ? rest.join('|') : line);
  }
  return { theirs: theirs.flatMap(routesIn), ours: ours.flatMap(routesIn) };
}

const operations = new Set(
  Object.entries(documentOfRoutes().paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${templateOf(path)}`),
  ),
);

describe.each(readdirSync(DIR))('docs/guides/replacing/%s', (name) => {
  const { theirs, ours } = partsOf(readFileSync(`${DIR}/${name}`, 'utf8'));

  it('names only routes of this system that exist', () => {
    expect(ours.length).toBeGreaterThan(4);
    const unknown = ours.filter((route) => {
      const [method, path = ''] = route.split(' ');
      return !operations.has(`${method} ${templateOf(path.startsWith('/api/') ? path : `/api/v1${path}`)}`);
    });
    expect(unknown).toEqual([]);
  });

  it('compares each route of the other system once', () => {
    expect(theirs.length).toBeGreaterThan(2);
    expect(theirs.filter((route, index) => theirs.indexOf(route) !== index)).toEqual([]);
  });
});
