import { expect, test } from 'vitest';
import { auditText } from './audit-text.ts';

const holds = {
  context: 'coupon',
  name: 'counts agree',
  ok: true,
  figures: { policies: 3, coupons: 1_000_000 },
  violations: [],
  tookMs: 216,
};
const at = '2026-01-01T10:00:00.000Z';

test('a report contains the figures and the duration of each audit', () => {
  expect(auditText({ ok: true, at, tookMs: 300, databases: 1, audits: [holds] })).toBe(
    [
      'One moment of the live system: 2026-01-01T10:00:00.000Z',
      '',
      '  ok      coupon: counts agree',
      '            policies 3 · coupons 1,000,000 · 0.22 s',
      '',
      'All 1 invariants hold (0.30 s).',
      '',
    ].join('\n'),
  );
});

test('a broken invariant is shown with its examples, and the verdict counts the violations', () => {
  const broken = { ...holds, ok: false, violations: ['policy 7 counts 11 coupons, but has 10'] };
  const text = auditText({ ok: false, at, tookMs: 300, databases: 1, audits: [holds, broken] });
  expect(text).toContain('  BROKEN  coupon: counts agree');
  expect(text).toContain('            ! policy 7 counts 11 coupons, but has 10');
  expect(text).toContain('1 of 2 invariants are BROKEN');
});

test('a report of several databases says how many, and when the first look began', () => {
  const text = auditText({ ok: true, at, databases: 3, tookMs: 300, audits: [holds] });
  expect(text).toMatch(/^3 databases of the live system, from 2026-01-01T10:00:00.000Z on\n/);
});
