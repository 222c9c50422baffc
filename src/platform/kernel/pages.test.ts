import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutPage, PAGE_DEFAULT, PAGE_MAX, readPage } from './pages.ts';

const cursor = (text: string) => Buffer.from(text, 'latin1').toString('base64url');

describe('readPage', () => {
  it.each([
    [undefined, PAGE_DEFAULT],
    [0, PAGE_DEFAULT],
    [1, 1],
    [100, PAGE_MAX],
    [101, PAGE_MAX],
    [1e9, PAGE_MAX],
    [-5, 1],
  ])('readPage turns a limit of %s into %i', (limit, expected) => {
    expect(readPage({ limit: limit ?? 0, cursor: '' })).toEqual({ limit: expected, before: undefined });
  });

  it.each(['!', cursor('-1'), cursor("1' or '1'='1"), cursor('9223372036854775808'), cursor('99999999999999999999')])(
    'readPage returns undefined for the cursor %s',
    (foreign) => {
      expect(readPage({ limit: 5, cursor: foreign })).toBeUndefined();
    },
  );
});

it('consecutive pages contain every row once and in order', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })),
      fc.integer({ min: 1, max: 7 }),
      (ids, limit) => {
        const all = [...ids].sort((a, b) => (a < b ? 1 : -1));
        const seen: bigint[] = [];
        let next: string | undefined = '';
        for (let turns = 0; next !== undefined && turns <= all.length; turns++) {
          const page = readPage({ limit, cursor: next });
          if (!page) return expect.fail(`the cursor ${next} was rejected`);
          const { before } = page;
          const rest = all.filter((id) => before === undefined || id < before).slice(0, page.limit + 1);
          const { rows, nextCursor } = cutPage(rest, page.limit, (id) => id);
          expect(rows.length).toBeLessThanOrEqual(limit);
          seen.push(...rows);
          next = nextCursor;
        }
        expect(seen).toEqual(all);
      },
    ),
  );
});
