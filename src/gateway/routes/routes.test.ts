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
