import type { AuditLine, AuditReport } from '../../app/audits/audit-report.ts';

/** The report as text: for each audit the verdict, the name, the figures and the duration; then the violations. */
export function auditText(report: AuditReport): string {
  const holding = report.audits.filter(({ ok }) => ok).length;
  const total = report.audits.length;
  const verdict = report.ok ? `All ${total} invariants hold` : `${total - holding} of ${total} invariants are BROKEN`;
  return [
    report.databases === 1
      ? `One moment of the live system: ${report.at}`
      : `${report.databases} databases of the live system, from ${report.at} on`,
    '',
    ...report.audits.flatMap(lines),
    '',
    `${verdict} (${seconds(report.tookMs)}).`,
    '',
  ].join('\n');
}

function lines({ context, ok, name, figures, tookMs, violations }: AuditLine): string[] {
  const counted = Object.entries(figures).map(([what, figure]) => `${what} ${figure.toLocaleString('en-US')}`);
  return [
    `${ok ? '  ok    ' : '  BROKEN'}  ${context}: ${name}`,
    `            ${[...counted, seconds(tookMs)].join(' · ')}`,
    ...violations.map((violation) => `            ! ${violation}`),
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
