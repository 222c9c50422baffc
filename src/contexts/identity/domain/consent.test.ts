import { expect, test } from 'vitest';
import { consentCountsFrom, noticeDueBefore } from './consent.ts';

test('the notice of a consent is due 30 days before two years are over', () => {
  const now = new Date('2026-03-02T00:00:00.000Z');
  expect(noticeDueBefore(now)).toEqual(new Date('2024-04-01T00:00:00.000Z'));
  expect(consentCountsFrom(now)).toEqual(new Date('2024-03-02T00:00:00.000Z'));
});
