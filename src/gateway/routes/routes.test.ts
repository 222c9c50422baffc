import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the list of routes names what every *.http.ts file exports, once', () => {
  const exported = globSync('src/gateway/routes/*/*.http.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^export (?:const|function) (\w+Routes)\b/gm)].map(([, name]) => name),
  );
  const list = /^const ROUTES = \[([^\]]*)\]/m.exec(readFileSync('src/gateway/routes/routes.ts', 'utf8'))?.[1] ?? '';
  expect(exported.length).toBeGreaterThan(0);
  expect(list.match(/\w+/g)?.toSorted()).toEqual(exported.toSorted());
});

it('a list of codes names each of them once', () => {
  const LIST = /\[((?:\s*(?:'[A-Z_]+',?|\/\/[^\n]*))+)\s*\]/g;
  const lists = globSync('src/gateway/routes/*/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(LIST)].map(([, codes]) => codes?.match(/'[A-Z_]+'/g) ?? []),
  );
  expect(lists.length).toBeGreaterThan(100);
  expect(lists.filter((codes) => new Set(codes).size < codes.length)).toEqual([]);
});
