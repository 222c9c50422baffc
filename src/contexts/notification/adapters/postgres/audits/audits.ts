import type { Audit } from '../../../../../platform/context.ts';
import { sqlAuditOfAll } from '../../../../../platform/postgres/sql-audit.ts';

/** The invariants of README.md. They rely on no constraint or index, because they must also find what those should have prevented. */
export const notificationAudits: readonly Audit[] = [
  audit('the unread count of an inbox is that of its notices, and no number is above the last one', 'unread.sql'),
  audit('there is one notice, and one delivery by a channel, for each user, kind, subject and day', 'once.sql'),
  audit('what is still to be delivered has its notice', 'deliveries.sql'),
  audit('every fact was written, or still waits', 'rejected.sql'),
  audit('nothing is kept of users who have deleted their account', 'deleted.sql'),
];

function audit(name: string, file: string): Audit {
  return sqlAuditOfAll(name, 'notices', { path: `contexts/notification/adapters/postgres/audits/${file}`, values: {} });
}
