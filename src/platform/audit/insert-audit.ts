import { insertEvents, type OutboxBatchOf } from '../events/outbox.ts';
import type { DataByTopic } from '../events/topic.ts';
import type { AuditEntry } from '../kernel/contract.ts';
import type { Statement } from '../postgres/statement.ts';
import type { AUDIT_RECORDED, AUDIT_TOPIC } from './audit-topic.ts';

const COLUMNS = ['auditId', 'actor', 'role', 'operation', 'requestId', 'subject', 'fields'] as const;
type Data = DataByTopic<{ readonly [AUDIT_TOPIC]: typeof AUDIT_RECORDED }>;

/** The statement that writes the lines of one transaction to the outbox; none without lines. */
export function insertAudit(entries: readonly AuditEntry[]): readonly Statement[] {
  const [first] = entries;
  if (first === undefined) return [];
  const batch: OutboxBatchOf<Data, typeof AUDIT_TOPIC, typeof COLUMNS> = {
    topic: 'audit.recorded',
    source: 'audit',
    keyField: 'actor',
    common: {},
    columns: COLUMNS,
    rows: entries.map(({ id, actor, role, operation, requestId, subject = null, fields }) => [
      String(id),
      actor,
      role as Data[typeof AUDIT_TOPIC]['role'],
      operation,
      requestId,
      subject,
      [...fields],
    ]),
  };
  return insertEvents(first.id, [batch]);
}
