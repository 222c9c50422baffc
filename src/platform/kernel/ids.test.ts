import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EPOCH_MS, reserveIds, snowflake } from './ids.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const msOf = (id: bigint) => Number(id >> 22n) + EPOCH_MS;

test('an id carries the millisecond, the node and the sequence', () => {
  const next = snowflake(
    () => 1023,
    () => NOON,
  );
  expect(next()).toBe((BigInt(NOON - EPOCH_MS) << 22n) | (1023n << 12n));
  expect(next() & 4095n).toBe(1n);
});

test('ids rise whatever the clock does, also when a millisecond is used up', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -5_000, max: 5_000 }), fc.integer({ min: 1, max: 5_000 }))),
      (steps) => {
        let now = NOON;
        const next = snowflake(
          () => 1,
          () => now,
        );
        let last = 0n;
        for (const [step, count] of steps) {
          now += step;
          for (let i = 0; i < count; i++) {
            const id = next();
            if (id <= last) return false;
            last = id;
          }
        }
        return true;
      },
    ),
    { numRuns: 30 },
  );
});

test('the node number is read for the millisecond of the id', () => {
  const asked: number[] = [];
  let now = NOON;
  const next = snowflake(
    (atMs) => {
      asked.push(atMs);
      return 0;
    },
    () => now,
  );
  const first = next();
  now -= 60_000;
  const second = next();
  expect(asked).toEqual([msOf(first), msOf(second)]);
  expect(asked).toEqual([NOON, NOON]);
});

test('a refused millisecond is not used up: when the clock is right again, so are the ids', () => {
  let now = NOON + 3_600_000;
  const next = snowflake(
    (atMs) => {
      if (atMs > NOON + 60_000) throw new Error('beyond the lease');
      return 0;
    },
    () => now,
  );
  expect(next).toThrow();
  now = NOON;
  expect(msOf(next())).toBe(NOON);
});

test('reserveIds creates its ids at once, and further ids when they are used up', () => {
  let asked = 0n;
  const next = reserveIds(() => ++asked, 3);
  expect(asked).toBe(3n);
  expect([next(), next(), next(), asked, next(), next()]).toEqual([1n, 2n, 3n, 3n, 4n, 5n]);
});
