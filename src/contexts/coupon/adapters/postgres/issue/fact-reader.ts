import type { Database } from '../../../../../platform/postgres/database.ts';
import type { RowOf } from '../../../../../platform/postgres/table-mapping.ts';
import type { FactReader } from '../../../application/issue/ports.ts';
import { ISSUABLE_POLICY } from './issue-mappings.ts';

const POLICIES = `select ${ISSUABLE_POLICY.columns('p')} from coupon.coupon_policies p where p.id = any($1::bigint[])`;

export const postgresFactReader = ({ pool }: Pick<Database, 'pool'>): Pick<FactReader, 'policies'> => ({
  async policies(ids) {
    const { rows } = await pool.query<RowOf<typeof ISSUABLE_POLICY>>(POLICIES, [ids]);
    return rows.map((row) => ISSUABLE_POLICY.read(row));
  },
});
