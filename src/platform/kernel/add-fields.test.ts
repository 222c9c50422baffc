import { expect, it } from 'vitest';
import { addFields } from './add-fields.ts';

it('addFields adds every field and changes neither record', () => {
  const [a, b] = [
    { issued: 1n, used: 2n, day: 'left out' },
    { issued: 10n, used: 20n },
  ];
  expect(addFields(a, b)).toEqual({ issued: 11n, used: 22n });
  expect([a, b]).toEqual([
    { issued: 1n, used: 2n, day: 'left out' },
    { issued: 10n, used: 20n },
  ]);
});
