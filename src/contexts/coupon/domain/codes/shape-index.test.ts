import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CodeShape, DEFAULT_SYMBOLS, fitsShape } from './code.ts';
import { SHAPES_MAX, shapeIndex } from './shape-index.ts';

const codes = fc.stringMatching(/^[0-3]{1,6}$/);
const shapes: fc.Arbitrary<CodeShape> = fc
  .tuple(fc.stringMatching(/^[0-3]{0,3}$/), fc.constantFrom('', '0123', DEFAULT_SYMBOLS), fc.nat(3))
  .map(([prefix, symbols, more]) => ({ prefix, symbols, length: prefix.length + more }));

it('the index agrees with a check of all shapes', () => {
  fc.assert(
    fc.property(fc.array(shapes), codes, (all, code) => {
      expect(shapeIndex(all)(code)).toBe(all.some((shape) => fitsShape(shape, code)));
    }),
    { numRuns: 2_000 },
  );
});

it('the index rejects every code without shapes, and accepts every code above the maximum of shapes', () => {
  const shape = { prefix: 'A', symbols: '', length: 5 };
  expect(shapeIndex([])('ABCDE')).toBe(false);
  expect(shapeIndex(Array(SHAPES_MAX + 1).fill(shape))('XYZ')).toBe(true);
});
