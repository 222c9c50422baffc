import { expect, test } from 'vitest';
import { paused, reserveSlots } from './domain-pace.ts';

const NOW = 1_000_000;

test('mails to a domain leave at its rate, and some at once after a quiet while', () => {
  const { slotsMs, nextSlotMs } = reserveSlots(undefined, 100, 600, NOW);
  expect(slotsMs.filter((atMs) => atMs <= NOW)).toHaveLength(51);
  expect(slotsMs.at(-1)).toBe(NOW + 4_900);
  expect(nextSlotMs).toBe(NOW + 5_000);
});

test('places that were taken are not taken again', () => {
  const { nextSlotMs } = reserveSlots(undefined, 100, 600, NOW);
  const { slotsMs } = reserveSlots({ nextSlotMs, pausedUntilMs: 0, pauses: 0 }, 1, 600, NOW);
  expect(slotsMs).toEqual([NOW + 5_000]);
});

test('no place is before the end of a pause, and a pause after a pause is twice as long', () => {
  const first = paused(undefined, NOW);
  expect(first).toEqual({ pauses: 1, pausedUntilMs: NOW + 30_000, nextSlotMs: NOW + 30_000 });
  expect(reserveSlots(first, 1, 600, NOW).slotsMs).toEqual([NOW + 30_000]);
  expect(paused(first, NOW + 1)).toBe(first);
  expect(paused(first, NOW + 30_001).pausedUntilMs).toBe(NOW + 90_001);
  expect(paused(first, NOW + 30_000 + 600_001).pauses).toBe(1);
});
