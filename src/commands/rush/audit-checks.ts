import type { AuditReport } from '../../app/audits/audit-report.ts';
import type { Check } from './check.ts';

/** The audit's verdict as checks of the rush: one for all that hold, and one for each that does not. */
export function auditChecks(name: string, { audits, tookMs }: AuditReport): readonly Check[] {
  const broken = audits.filter(({ ok }) => !ok);
  const held = `${audits.length - broken.length} of ${audits.length} invariants hold, looked at in ${tookMs} ms`;
  return [
    { name, ok: broken.length === 0 && audits.length > 0, detail: held },
    ...broken.map(({ name, violations }) => ({ name: `audit: ${name}`, ok: false, detail: violations.join('; ') })),
  ];
}
