import type { Audit } from '../../../../../platform/context.ts';
import { sqlAuditOfAll } from '../../../../../platform/postgres/sql-audit.ts';

/** The invariants of README.md. They rely on no constraint or index, because they must also find what those should have prevented. */
export const webhookAudits: readonly Audit[] = [
  audit('an endpoint has one delivery of an event', 'once.sql'),
  audit('a disabled webhook is sent nothing, and its state has a reason', 'disabled.sql'),
  audit('nothing personal is kept of users who have deleted their account', 'forgotten.sql'),
];

function audit(name: string, file: string): Audit {
  return sqlAuditOfAll(name, 'webhooks', { path: `contexts/webhook/adapters/postgres/audits/${file}`, values: {} });
}
