import { expect, test } from 'vitest';
import { auditMetrics } from './audit-metrics.ts';

const holds = {
  context: 'coupon',
  name: 'counts agree',
  ok: true,
  figures: { policies: 3 },
  violations: [],
  tookMs: 216,
};

test('the metrics of a report say of each audit whether it found an invariant broken, and when it looked', async () => {
  const broken = { ...holds, name: 'numbers have no gap', ok: false, violations: ['policy 7 has no number 3'] };
  const report = { ok: false, at: '2026-01-01T10:00:00.500Z', databases: 1, tookMs: 300, audits: [holds, broken] };
  const samples = (await auditMetrics(report).metrics())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(samples).toEqual([
    'stampede_audit_broken{context="coupon",audit="counts agree"} 0',
    'stampede_audit_broken{context="coupon",audit="numbers have no gap"} 1',
    'stampede_audit_timestamp_seconds 1767261600.5',
    'stampede_audit_seconds 0.3',
  ]);
});
