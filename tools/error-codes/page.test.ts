import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REFUSALS } from '../../src/app/refusals.ts';
import { errorCodesPage } from './page.ts';

test('docs/error-codes.md is what the refusal tables say (npm run generate)', () => {
  expect(readFileSync('docs/error-codes.md', 'utf8')).toBe(errorCodesPage());
});

test('docs/error-codes.md has each code once', () => {
  const [tables = ''] = errorCodesPage().split('## Reasons of UNAUTHENTICATED');
  const codes = [...tables.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(codes.toSorted()).toEqual(Object.keys(REFUSALS).toSorted());
});
