import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { bySource, fromMultirange, placeOf, toMultirange } from './event-ids.ts';

test('event ids of one outbox row are one group, sorted, without repetition', () => {
  expect(bySource(['901:0', '900:10', '900:2', 'evt_1', '900:2'])).toEqual([
    { source: '900', indexes: [2, 10] },
    { source: '901', indexes: [0] },
    { source: 'evt_1', indexes: [-1] },
  ]);
});

test('event ids of equal rows of two databases are two groups', () => {
  const ids = ['00000000000000ff-900:0', '00000000000000fe-900:0', '900:0', '00000000000000ff-900:1'];
  expect(bySource(ids)).toEqual([
    { source: '00000000000000fe-900', indexes: [0] },
    { source: '00000000000000ff-900', indexes: [0, 1] },
    { source: '900', indexes: [0] },
  ]);
});

test('neighbouring indexes of events are one range', () => {
  expect(toMultirange([0, 1, 2, 5, 7, 8])).toBe('{[0,3),[5,6),[7,9)}');
  expect(toMultirange([-1])).toBe('{[-1,0)}');
});

test('any set of indexes of events survives a round trip through PostgreSQL', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: -1, max: 300 })), (some) => {
      const indexes = some.toSorted((a, b) => a - b);
      expect(fromMultirange(toMultirange(indexes))).toEqual(indexes);
    }),
  );
});

const part = fc.constantFrom(
  '0',
  '1',
  '01',
  '900',
  '1001',
  '-1',
  '',
  ':',
  'a',
  '00000000000000ff-',
  '00000000000000ff-900',
);
const anyId = fc.array(part, { maxLength: 3 }).map((parts) => parts.join(':'));

test('different event ids never have one place in the inbox', () => {
  fc.assert(
    fc.property(anyId, anyId, (one, other) => {
      expect(JSON.stringify(placeOf(one)) === JSON.stringify(placeOf(other))).toBe(one === other);
    }),
  );
});

test('an event id has the same place in the inbox in every process, whatever ids came before it', async () => {
  await fc.assert(
    fc.asyncProperty(anyId, fc.array(anyId, { maxLength: 3 }), async (id, before) => {
      vi.resetModules();
      const fresh = await import('./event-ids.ts');
      const first = fresh.placeOf(id);
      for (const each of before) fresh.placeOf(each);
      expect(fresh.placeOf(id)).toEqual(first);
      expect(placeOf(id)).toEqual(first);
    }),
  );
});

test('a short number without an outbox row is an event id of another producer, also when it comes first', async () => {
  vi.resetModules();
  const fresh = await import('./event-ids.ts');
  expect(fresh.placeOf('1001')).toEqual({ source: '1001', index: -1 });
});
