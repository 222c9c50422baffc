import type pg from 'pg';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { RowOf } from '../../../../platform/postgres/table-mapping.ts';
import type { LedgerReader } from '../../application/ports.ts';
import { TRANSACTION } from './mappings.ts';

const FIND = `select ${TRANSACTION.columns('t')} from point.transactions as t where t.id = $1`;

const HISTORY = `
  select ${TRANSACTION.columns('t')} from point.transactions as t
  where t.user_id = $1 and ($2::bigint is null or t.id < $2) order by t.id desc limit $3`;

// One statement, for one snapshot. Each sum reads only its lots, by its own index, so that the number of spendable lots does not
// matter.
const BALANCE = `
  select a.balance, a.held, a.receivable,
    (select coalesce(sum(remaining), 0)::bigint from point.lots
      where user_id = $1 and open and expires_at <= $2::timestamptz) as overdue,
    (select coalesce(sum(remaining), 0)::bigint from point.lots
      where user_id = $1 and open and available_at > $2 and expires_at > $2) as pending,
    (select coalesce(json_agg(json_build_array(remaining::text, expires_at)), '[]') from (
      select remaining, expires_at from point.lots
      where user_id = $1 and open and expires_at > $2 and expires_at < $3::timestamptz
      order by expires_at, id limit $4) as soon) as expiring
  from point.accounts as a where a.user_id = $1`;

interface BalanceRow extends pg.QueryResultRow {
  balance: bigint;
  held: bigint;
  receivable: bigint;
  overdue: bigint;
  pending: bigint;
  expiring: readonly (readonly [amount: string, expiresAt: string])[];
}

export function postgresLedgerReader(database: Database): LedgerReader {
  return {
    async findTransaction(id) {
      const { rows } = await database.pool.query<RowOf<typeof TRANSACTION>>(FIND, [id]);
      return rows[0] && TRANSACTION.read(rows[0]);
    },
    async balance({ userId, nowMs, soonMs, expiringMax }) {
      const [now, soon] = [new Date(nowMs), new Date(soonMs)];
      const { rows } = await database.pool.query<BalanceRow>({
        name: 'point-balance',
        text: BALANCE,
        values: [userId, now, soon, expiringMax],
      });
      const [row] = rows;
      if (!row) return { balance: 0n, available: 0n, pending: 0n, held: 0n, receivable: 0n, expiringSoon: [] };
      const balance = row.balance - row.overdue;
      const expiringSoon = row.expiring.map(([amount, expiresAt]) => ({
        amount: BigInt(amount),
        expiresAt: new Date(expiresAt),
      }));
      const { pending, held, receivable } = row;
      return { balance, available: balance - pending, pending, held, receivable, expiringSoon };
    },
    async history({ userId, before, limit }) {
      const { rows } = await database.pool.query<RowOf<typeof TRANSACTION>>(HISTORY, [userId, before ?? null, limit]);
      return rows.map((row) => TRANSACTION.read(row));
    },
  };
}
