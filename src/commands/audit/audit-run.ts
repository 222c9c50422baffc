import { onReplicas, type Prove } from '../../app/audits/audited-replicas.ts';
import { runAudits } from '../../app/audits/run-audits.ts';
import { readSettings } from '../../app/config.ts';
import { type Databases, partsByDatabase, shardDatabasesIn } from '../../app/databases.ts';
import { kafkaHere } from '../../app/local/kafka-here.ts';
import { shardsHere } from '../../app/local/shards-here.ts';
import { withExistingDatabases } from '../../app/local/with-databases.ts';
import { shardMapsOf } from '../../app/shards/shard-map.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
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
  const settings = readSettings(process.env);
  const shards = shardsHere(settings);
  const shardDatabases = shardDatabasesIn(shards);
  const options = { settleMs: settle * 1_000, onWait, shards: shardMapsOf(shards), shardDatabases };
  const kafka = kafkaHere(process.env);
  const onRepeat = (reason: string): void => {
    process.stderr.write(`stampede: the read replica was not audited to the end (${reason}); auditing the primary\n`);
  };
  const report = await withExistingDatabases(settings, (databases) => {
    if (kafka === undefined && partsByDatabase(databases).size + shardDatabases.length > 1) {
      throw new StartError(
        'Contexts with databases of their own get their events from Kafka, and what they gave up lies there. Set KAFKA_BROKERS as their processes have it.',
      );
    }
    const audit = (audited: Databases, prove?: Prove) => runAudits(audited, scope, { ...options, kafka, prove });
    return onReplicas(databases, settings, audit, onRepeat);
  });
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : auditText(report));
  return report.ok ? 0 : 1;
}
