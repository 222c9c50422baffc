import type { Audit } from '../context.ts';
import { sqlAudit } from '../postgres/sql-audit.ts';
import type { SqlFile } from '../postgres/sql-file.ts';
import { COUNT_ALL } from './outbox.ts';

/**
 * As many events of each topic were ever written as there are facts. Published events are gone from the database, so they
 * are compared by number: a row of the outbox states how many it holds, and the relay moves that number when it deletes the
 * row. For topics whose batches have `countAll`. The audit of one coupon policy has nothing to compare here.
 * @param facts SQL without parameters that returns (topic text) once for each fact
 */
export function eventCountAudit(name: string, topics: readonly string[], facts: SqlFile): Audit {
  const values = { facts, countAll: COUNT_ALL, topics: topics.map((topic) => `'${topic}'`).join(', ') };
  return sqlAudit(name, { path: 'platform/events/event-counts.sql', values });
}
