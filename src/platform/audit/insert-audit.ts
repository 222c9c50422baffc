import { insertEvents, type OutboxBatchOf } from '../events/outbox.ts';
import type { DataByTopic } from '../events/topic.ts';
import type { AuditEntry } from '../kernel/contract.ts';
import type { Statement } from '../postgres/statement.ts';
import type { AUDIT_RECORDED, AUDIT_TOPIC } from './audit-topic.ts';

const COLUMNS = ['auditId', 'actor', 'requestId', 'subject'] as const;
type Data = DataByTopic<{ readonly [AUDIT_TOPIC]: typeof AUDIT_RECORDED }>;
type AuditBatch = OutboxBatchOf<Data, typeof AUDIT_TOPIC, typeof COLUMNS>;
type Shared = AuditBatch['common'];

/** The statement that writes the lines of one transaction to the outbox, in one row; none without lines. */
export function insertAudit(entries: readonly AuditEntry[]): readonly Statement[] {
  const [first] = entries;
  return first === undefined ? [] : insertEvents(first.id, batchesOf(entries));
}

/** The commands of a batch are mostly requests of one operation, so what these have in common is stated once. */
function batchesOf(entries: readonly AuditEntry[]): readonly AuditBatch[] {
  const batches = new Map<string, { readonly common: Shared; readonly rows: AuditBatch['rows'][number][] }>();
  for (const { id, actor, requestId, subject = null, role, operation, fields } of entries) {
    const kind = JSON.stringify([role, operation, fields]);
    let batch = batches.get(kind);
    if (batch === undefined) {
      batch = { common: { role: role as Shared['role'], operation, fields: [...fields] }, rows: [] };
      batches.set(kind, batch);
    }
    batch.rows.push([String(id), actor, requestId, subject]);
  }
  return [...batches.values()].map((batch) => ({
    topic: 'audit.recorded',
    source: 'audit',
    keyField: 'actor',
    columns: COLUMNS,
    ...batch,
  }));
}
