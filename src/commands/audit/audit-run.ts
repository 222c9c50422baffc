import { onReplicas } from '../../app/audits/audited-replicas.ts';
import { systemAudit } from '../../app/audits/system-audit.ts';
import { readSettings } from '../../app/config.ts';
import { kafkaHere } from '../../app/local/kafka-here.ts';
import { withExistingDatabases } from '../../app/local/with-databases.ts';
import { auditText } from './audit-text.ts';

export interface AuditOptions {
  /** A decimal id. */
  readonly policy?: string;
  /** Seconds. */
  readonly settle: number;
  readonly json: boolean;
}

/** `stampede audit`: 0 when every invariant holds, else 1. */
export async function run({ policy, settle, json }: AuditOptions): Promise<number> {
  const scope = policy === undefined ? {} : { policyId: BigInt(policy) };
  const onWait = (differences: number): void => {
    process.stderr.write(`stampede: ${differences} differences between databases; looking again in ${settle} s\n`);
  };
  const onRepeat = (reason: string): void => {
    process.stderr.write(`stampede: the read replica was not audited to the end (${reason}); auditing the primary\n`);
  };
  const settings = { ...readSettings(process.env), kafka: kafkaHere(process.env) };
  const report = await withExistingDatabases(settings, (databases) => {
    const audit = systemAudit(settings, databases, scope, { settleMs: settle * 1_000, onWait });
    return onReplicas(databases, settings, audit, onRepeat);
  });
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : auditText(report));
  return report.ok ? 0 : 1;
}
