import { expect, test } from 'vitest';
import { REVOCATION_OVERLAP_MS, revocationsFrom } from './revocations.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const LIFE_MS = 900_000;
const before = (ms: number) => new Date(NOW.getTime() - ms);

test('revocations are read from a little before the requested time, so that a late commit is not missed', () => {
  expect(revocationsFrom(before(5_000), LIFE_MS, NOW)).toEqual(before(5_000 + REVOCATION_OVERLAP_MS));
});

test('a revocation is not returned when no valid token can need it', () => {
  expect(revocationsFrom(undefined, LIFE_MS, NOW)).toEqual(before(LIFE_MS + REVOCATION_OVERLAP_MS));
  expect(revocationsFrom(new Date(0), LIFE_MS, NOW)).toEqual(before(LIFE_MS + REVOCATION_OVERLAP_MS));
});
