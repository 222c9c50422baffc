import type { Audit } from '../../../../../platform/context.ts';
import { sqlAuditOfAll } from '../../../../../platform/postgres/sql-audit.ts';

/** The invariants of README.md, recounted from the rows. */
export const storeAudits: readonly Audit[] = [
  sqlAuditOfAll('stores and policies count the followers that they have', 'followers', {
    path: 'contexts/store/adapters/postgres/audits/followers.sql',
  }),
  sqlAuditOfAll('users who have deleted their account follow nothing', 'followers', {
    path: 'contexts/store/adapters/postgres/audits/deleted.sql',
  }),
];
