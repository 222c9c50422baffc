import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCursor, writeCursor } from './cursor.ts';

test('a cursor is parsed into the id from which it was formatted', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (id) => {
      expect(readCursor(writeCursor(id))).toBe(id);
    }),
  );
});

test.each(['', '-1', 'ZZ', '1 or 1=1', 'z'.repeat(13), 'z'.repeat(14)])('%j is not parsed as a cursor', (text) => {
  expect(readCursor(text)).toBeUndefined();
});
