import type { Audit } from '../../platform/context.ts';
import { sqlAudit } from '../../platform/postgres/sql-audit.ts';

/**
 * A dead letter in the database is an event of this system whose effect is missing, so it is a violation until it is replayed:
 * what other audits compare may be short of it. Letters on Kafka are in no database: `auditKafkaLetters` counts them.
 */
export const deadLetterAudit: Audit = sqlAudit('no event waits as a dead letter in a database', {
  path: 'app/audits/dead-letters.sql',
});
