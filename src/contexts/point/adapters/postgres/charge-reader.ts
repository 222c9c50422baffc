import type { Database } from '../../../../platform/postgres/database.ts';
import type { RowOf } from '../../../../platform/postgres/table-mapping.ts';
import type { ChargeReader } from '../../application/ports.ts';
import { CHARGE, CHARGE_REFUND } from './mappings.ts';

const FIND = `select ${CHARGE.columns()} from point.charges where id = $1`;
const REFUNDS = `select ${CHARGE_REFUND.columns()} from point.charge_refunds where charge_id = $1 order by id`;
const DUE = `
  select ${CHARGE.columns()} from point.charges where resume_at <= $1::timestamptz order by resume_at limit $2`;
const DUE_REFUNDS = `
  select ${CHARGE_REFUND.columns()} from point.charge_refunds where resume_at <= $1::timestamptz order by resume_at limit $2`;
const NEXT = `
  select least(
    (select min(resume_at) from point.charges where resume_at is not null),
    (select min(resume_at) from point.charge_refunds where resume_at is not null)) as at`;

export function postgresChargeReader({ pool }: Pick<Database, 'pool'>): ChargeReader {
  const chargesOf = async (sql: string, values: readonly unknown[]) =>
    (await pool.query<RowOf<typeof CHARGE>>(sql, [...values])).rows.map((row) => CHARGE.read(row));
  const refundsOf = async (sql: string, values: readonly unknown[]) =>
    (await pool.query<RowOf<typeof CHARGE_REFUND>>(sql, [...values])).rows.map((row) => CHARGE_REFUND.read(row));
  return {
    async findCharge(id) {
      const [charge] = await chargesOf(FIND, [id]);
      return charge && { charge, refunds: await refundsOf(REFUNDS, [id]) };
    },
    dueCharges: (nowMs, limit) => chargesOf(DUE, [new Date(nowMs), limit]),
    dueChargeRefunds: (nowMs, limit) => refundsOf(DUE_REFUNDS, [new Date(nowMs), limit]),
    async nextChargeMs() {
      return (await pool.query<{ at: Date | null }>(NEXT)).rows[0]?.at?.getTime();
    },
  };
}
