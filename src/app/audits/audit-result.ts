import type { AuditResult } from '../../platform/context.ts';

const VIOLATIONS_MAX = 5;

/** The result of an audit that found these violations. @param broken how many there are, when not all are listed */
export const auditResult = (
  figures: Readonly<Record<string, number>>,
  violations: readonly string[],
  broken = violations.length,
): AuditResult => ({
  ok: broken === 0,
  figures: broken === 0 ? figures : { ...figures, broken },
  violations: violations.slice(0, VIOLATIONS_MAX),
});
