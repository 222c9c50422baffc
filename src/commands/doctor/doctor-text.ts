import type { DoctorLine } from '../../app/doctor/run-doctor.ts';

/** One line for each finding: the verdict, the check, and what is so. Then the number of each verdict. */
export function doctorText(lines: readonly DoctorLine[]): string {
  const width = Math.max(0, ...lines.map(({ check }) => check.length));
  const shown = lines.map(({ verdict, check, text }) => `  ${verdict.padEnd(4)}  ${check.padEnd(width)}  ${text}`);
  const count = (wanted: DoctorLine['verdict']): number => lines.filter(({ verdict }) => verdict === wanted).length;
  return [...shown, '', `ok: ${count('ok')}, warnings: ${count('warn')}, failures: ${count('fail')}`, ''].join('\n');
}
