import { type AUDIT_RECORDED, AUDIT_TOPIC } from '../../../platform/audit/audit-topic.ts';
import type { DeliveryOf, EventBus } from '../../../platform/events/bus.ts';
import type { DataByTopic } from '../../../platform/events/topic.ts';
import type { AuditLine } from '../domain/audit-line.ts';
import { AUDIT_CONSUMER, type AuditStore } from './ports.ts';

/** Stores the lines of the audit log, each once. */
export const storeAuditLines = (bus: EventBus, store: AuditStore): void =>
  bus.subscribe(AUDIT_CONSUMER, [AUDIT_TOPIC], (batch: readonly Recorded[]) => store.addLines(batch, lineOf));

type Recorded = DeliveryOf<DataByTopic<{ readonly [AUDIT_TOPIC]: typeof AUDIT_RECORDED }>>;

function lineOf({ event: { data, timestamp } }: Recorded): AuditLine {
  const { auditId, ...line } = data;
  return { ...line, id: BigInt(auditId), at: new Date(timestamp) };
}
