import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './pages.ts';

const commandsOf = (path: string): readonly string[] =>
  [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^```bash.*?\n(.*?)^```$/gms)].map(([, code = '']) => code);

test('the commands of the Korean page to start with are those of the English one, which the tour runs', () => {
  expect(commandsOf('docs/ko/getting-started.md')).toEqual(commandsOf('docs/getting-started.md'));
});
