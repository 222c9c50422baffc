import { expect, it } from 'vitest';
import { fieldsOf, isShown, withValue } from './extremes.ts';

it('the fields of a body are found in objects, lists and alternatives', () => {
  const text = { type: 'string' };
  const schema = {
    anyOf: [
      { type: 'null' },
      {
        type: 'object',
        properties: { name: text, items: { type: 'array', items: { type: 'object', properties: { id: text } } } },
      },
    ],
  };
  expect(fieldsOf(schema)).toEqual([
    { at: ['name'], schema: text },
    { at: ['items', 0, 'id'], schema: text },
  ]);
  expect(withValue({ name: 'a' }, ['items', 0, 'id'], '7')).toEqual({ name: 'a', items: [{ id: '7' }] });
});

it('a value that was cut, trimmed or moved to another year is not shown', () => {
  expect([
    isShown('쿠폰'.normalize('NFD'), '쿠폰'),
    isShown('1970-01-01T00:00:00+14:00', '1969-12-31T10:00:00.000Z'),
  ]).toEqual([true, true]);
  for (const [sent, shown] of [
    ['abc', 'ab'],
    ['a ', 'a'],
    [2 ** 53, '9007199254740993'],
    ['0000-01-01T00:00:00Z', '2000-01-01T00:00:00.000Z'],
  ]) {
    expect([sent, isShown(sent, shown)]).toEqual([sent, false]);
  }
});
