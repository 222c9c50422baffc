import { rename, rm, writeFile } from 'node:fs/promises';
import { onReplicas } from '../../app/audits/audited-replicas.ts';
import { systemAudit } from '../../app/audits/system-audit.ts';
import { readSettings } from '../../app/config.ts';
import { databasesOfShards } from '../../app/databases.ts';
import { kafkaHere } from '../../app/local/kafka-here.ts';
import { shardsHere } from '../../app/local/shards-here.ts';
import { withExistingDatabases } from '../../app/local/with-databases.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { auditMetrics } from './audit-metrics.ts';
import { auditText } from './audit-text.ts';

export interface AuditOptions {
  /** A decimal id. */
  readonly policy?: string;
  /** Seconds. */
  readonly settle: number;
  readonly json: boolean;
  /** A file to write the result to, as metrics. */
  readonly metrics?: string;
}

/** `stampede audit`: 0 when every invariant holds, else 1. */
export async function run({ policy, settle, json, metrics }: AuditOptions): Promise<number> {
  const scope = policy === undefined ? {} : { policyId: BigInt(policy) };
  const onWait = (differences: number): void => {
    process.stderr.write(`stampede: ${differences} differences between databases; looking again in ${settle} s\n`);
  };
  const onRepeat = (reason: string): void => {
    process.stderr.write(`stampede: the read replica was not audited to the end (${reason}); auditing the primary\n`);
  };
  const settings = { ...readSettings(process.env), kafka: kafkaHere(process.env) };
  const report = await withExistingDatabases(settings, async (databases) => {
    if (policy !== undefined) {
      await assertPolicyExists(policy, databasesOfShards({ databases, shards: shardsHere(settings) }, 'coupon'));
    }
    const audit = systemAudit(settings, databases, scope, { settleMs: settle * 1_000, onWait });
    return await onReplicas(databases, settings, audit, onRepeat);
  });
  if (metrics !== undefined) await writeMetrics(metrics, await auditMetrics(report).metrics());
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : auditText(report));
  return report.ok ? 0 : 1;
}

/** Complete or not at all: Prometheus's collector may read the file at any moment. @throws StartError when it cannot be written */
export async function writeMetrics(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(aside, text);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw new StartError(`The metrics were not written to ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

const reasonOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'its directory does not exist. Create it, or name a file in another one.'
    : `${(error as Error).message}.`;

/** An audit of a policy that does not exist finds nothing wrong. @throws StartError */
async function assertPolicyExists(policy: string, databaseUrls: readonly string[]): Promise<void> {
  for (const url of databaseUrls) {
    const client = await openSession(url, { name: 'stampede-audit' });
    try {
      const { rowCount } = await client.query('select from coupon.coupon_policies where id = $1', [policy]);
      if (rowCount === 1) return;
    } finally {
      await client.end();
    }
  }
  throw new StartError(`There is no coupon policy ${policy}.`);
}
