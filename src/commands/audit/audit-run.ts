import { runAudits } from '../../app/audits/run-audits.ts';
import { readSettings } from '../../app/config.ts';
import { withExistingDatabases } from '../../app/local/with-databases.ts';
import { auditText } from './audit-text.ts';

export interface AuditOptions {
  /** A decimal id. */
  readonly policy?: string;
  readonly json: boolean;
}

/** `stampede audit`: 0 when every invariant holds, else 1. */
export async function run({ policy, json }: AuditOptions): Promise<number> {
  const scope = policy === undefined ? {} : { policyId: BigInt(policy) };
  const report = await withExistingDatabases(readSettings(process.env), (databases) => runAudits(databases, scope));
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : auditText(report));
  return report.ok ? 0 : 1;
}
