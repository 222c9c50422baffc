import { type AUDIT_RECORDED, AUDIT_TOPIC } from '../../../platform/audit/audit-topic.ts';
import type { Delivery, EventBus } from '../../../platform/events/bus.ts';
import type { DataByTopic } from '../../../platform/events/topic.ts';
import type { AuditLine } from '../domain/audit-line.ts';
import { AUDIT_CONSUMER, type AuditStore } from './ports.ts';

/** Stores the lines of the audit log, each once. */
export const storeAuditLines = (bus: EventBus, store: AuditStore): void =>
  bus.subscribe(AUDIT_CONSUMER, [AUDIT_TOPIC], (batch) => store.addLines(batch, lineOf));

function lineOf({ event: { data, timestamp } }: Delivery): AuditLine {
  // The bus has checked it.
  const { auditId, ...line } = data as unknown as DataByTopic<{ readonly line: typeof AUDIT_RECORDED }>['line'];
  return { ...line, id: BigInt(auditId), at: new Date(timestamp) };
}
