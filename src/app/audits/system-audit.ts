import type { AuditScope } from '../../platform/context.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { Settings } from '../config.ts';
import { type Databases, partsByDatabase, shardDatabasesIn } from '../databases.ts';
import { shardsHere } from '../local/shards-here.ts';
import { shardMapsOf } from '../shards/shard-map.ts';
import type { AuditReport } from './audit-report.ts';
import type { Prove } from './audited-replicas.ts';
import { runAudits } from './run-audits.ts';
import type { AuditOptions } from './run-audits-across.ts';

/**
 * Returns the audit of everything that the system of these settings has: the databases of its parts, those of their shards, and the dead
 * letters in Kafka.
 * @param databases of the parts, of which each has its shard 0
 * @throws StartError when some of it is not known
 */
export function systemAudit(
  settings: Settings,
  databases: Databases,
  scope: AuditScope,
  options: Pick<AuditOptions, 'settleMs' | 'onWait'>,
): (audited: Databases, prove?: Prove) => Promise<AuditReport> {
  const { kafka } = settings;
  const shards = shardsHere(settings);
  const shardDatabases = shardDatabasesIn(shards);
  if (kafka === undefined && partsByDatabase(databases).size + shardDatabases.length > 1) {
    throw new StartError(
      'Contexts with databases of their own get their events from Kafka, and what they gave up lies there. Set KAFKA_BROKERS as their processes have it.',
    );
  }
  const system = { ...options, kafka, shards: shardMapsOf(shards), shardDatabases };
  return (audited, prove) => runAudits(audited, scope, { ...system, prove });
}
