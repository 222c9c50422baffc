import { firstMessage } from '../../platform/kernel/first-message.ts';
import { refusedCommand } from '../../platform/postgres/refused-command.ts';
import { DATABASE_CHECKS } from './database-checks.ts';
import { DEPENDENCY_CHECKS } from './dependency-checks.ts';
import { type Check, type Finding, fail, type Subject } from './finding.ts';
import { ISSUER_CHECKS } from './issuer-checks.ts';
import { MACHINE_CHECKS } from './machine-checks.ts';
import { NOTICE_CHECKS } from './notice-checks.ts';
import { SETTINGS_CHECKS } from './settings-checks.ts';
import { TLS_CHECKS } from './tls-checks.ts';

export const CHECKS: readonly Check[] = [
  ...MACHINE_CHECKS,
  ...SETTINGS_CHECKS,
  ...TLS_CHECKS,
  ...DATABASE_CHECKS,
  ...DEPENDENCY_CHECKS,
  ...NOTICE_CHECKS,
  ...ISSUER_CHECKS,
];

const reasonOf = (error: unknown): string => refusedCommand(error)?.message ?? `${firstMessage(error)}.`;

export interface DoctorLine extends Finding {
  readonly check: string;
}

/** Runs one check after the other. One that cannot be carried out is a failure: what it looks for may be there. One that needs a failed one is left out. */
export async function runDoctor(subject: Subject, checks: readonly Check[] = CHECKS): Promise<readonly DoctorLine[]> {
  const lines: DoctorLine[] = [];
  const hasFailed = (name: string): boolean => lines.some(({ check, verdict }) => check === name && verdict === 'fail');
  for (const { name, needs, run } of checks) {
    if (needs !== undefined && hasFailed(needs)) continue;
    const findings = await Promise.resolve()
      .then(() => run(subject))
      .catch((error: unknown) => [fail(`This could not be checked: ${reasonOf(error)}`)]);
    lines.push(...findings.map((finding) => ({ check: name, ...finding })));
  }
  return lines;
}
