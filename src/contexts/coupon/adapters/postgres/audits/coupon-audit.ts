import type { Audit } from '../../../../../platform/context.ts';
import { sqlAudit } from '../../../../../platform/postgres/sql-audit.ts';
import type { SqlFile } from '../../../../../platform/postgres/sql-file.ts';

/** A file of this folder. */
export const sqlBeside = (file: string, values: SqlFile['values'] = {}): SqlFile => ({
  path: `contexts/coupon/adapters/postgres/audits/${file}`,
  values,
});

export const couponAudit = (name: string, file: string, values?: SqlFile['values']): Audit =>
  sqlAudit(name, sqlBeside(file, values));
