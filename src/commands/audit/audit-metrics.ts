import { Gauge, Registry } from 'prom-client';
import type { AuditReport } from '../../app/audits/audit-report.ts';

/** The report as metrics. Their text is for the textfile collector of Prometheus. */
export function auditMetrics({ at, tookMs, audits }: AuditReport): Registry {
  const registry = new Registry();
  const broken = new Gauge({
    name: 'stampede_audit_broken',
    help: 'Whether the last audit found an invariant broken: 1, or 0',
    labelNames: ['context', 'audit'],
    registers: [registry],
  });
  for (const { context, name, ok } of audits) broken.set({ context, audit: name }, ok ? 0 : 1);
  gauge(
    registry,
    'stampede_audit_timestamp_seconds',
    'The moment of the database that the last audit looked at',
    Date.parse(at) / 1_000,
  );
  gauge(registry, 'stampede_audit_seconds', 'How long the last audit took', tookMs / 1_000);
  return registry;
}

function gauge(registry: Registry, name: string, help: string, value: number): void {
  new Gauge({ name, help, registers: [registry] }).set(value);
}
