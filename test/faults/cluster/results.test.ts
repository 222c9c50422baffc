import { expect, it } from 'vitest';
import { type CellResult, table } from './results.ts';

const RESULT: CellResult = {
  part: 'point',
  title: 'point',
  fault: 'killed',
  load: 'checkout',
  date: '2026-01-31',
  machine: 'one',
  isShared: true,
  figures: {
    recovery: {
      before: 9.7,
      lowest: 0.126,
      longestGapMs: 4_000,
      firstMs: 4_000,
      backMs: undefined,
      retried: { '503 DEPENDENCY_UNAVAILABLE': 3, 'no response': 1 },
    },
    reads: [
      { context: 'point', all: 8, ok: 2, failedMs: 4.4, statuses: { 503: 6 } },
      { context: 'order', all: 8, ok: 8, failedMs: undefined, statuses: {} },
    ],
  },
};

it('a row of the table of faults has the figures of its cell, and the contexts with a failed read', () => {
  expect(table([RESULT], []).split('\n').at(-1)).toBe(
    '| point | killed | checkout | 10/s | 13 % | 4.0 s | not while measured | 3 × 503 DEPENDENCY_UNAVAILABLE, 1 × no response | point 2 of 8 (503 in 4 ms) | 2026-01-31, shared |',
  );
});

it('a row of the table of faults has one figure for all contexts when each of them has a failed read', () => {
  const reads = (['point', 'order'] as const).map((context, index) => ({
    context,
    all: 8,
    ok: 2 + index,
    failedMs: 4.4 + index,
    statuses: { 503: 6 - index },
  }));
  const row = table([{ ...RESULT, figures: { ...RESULT.figures, reads } }], [])
    .split('\n')
    .at(-1);
  expect(row).toContain('| of each context, together 5 of 16 (503 in 5 ms) |');
});

it('the table of faults names the cells without figures by reason and fault', () => {
  const open = ['etcd', 'Kafka'].map((title) => ({
    part: title,
    title,
    fault: 'frozen',
    load: 'rush',
    why: 'Not run yet',
  }));
  expect(table([RESULT], open)).toContain('- Not run yet, frozen: etcd (rush); Kafka (rush).');
});
