import type pg from 'pg';
import {
  type PostgresBatchDeps,
  postgresBatches,
  type RowsOf,
} from '../../../../platform/batching/postgres-batches.ts';
import type { RowOf } from '../../../../platform/postgres/table-mapping.ts';
import type { LedgerStore } from '../../application/ports.ts';
import type { PointCommand } from '../../domain/command.ts';
import { type LedgerDecision, type LedgerSnapshot, userKey } from '../../domain/decision.ts';
import type { LotMove } from '../../domain/postings/transaction.ts';
import { type LedgerRead, ledgerReads } from './ledger-reads.ts';
import { ledgerWrites } from './ledger-writes.ts';
import { ACCOUNT, CHARGE, CHARGE_REFUND, EARNING, HOLD, LOT, MOVE, REFUSAL, TRANSACTION } from './mappings.ts';

const LOCK_ONE = 'select 1 from point.accounts where user_id = $1 for no key update';
const IS_THERE = 'select 1 from point.transactions where id = $1';
const ARE_MARKED = `
  select 1 from unnest($1::bigint[], $2::text[]) as m(user_id, order_id) join point.holds as h using (user_id, order_id)
  where h.state = 'RELEASED'`;
const ARE_REFUSED = `
  select 1 from unnest($1::bigint[], $2::text[], $3::text[]) as k(user_id, key, content_hash)
    join point.refusals using (user_id, key, content_hash)`;
const ARE_WRITTEN = `
  select 1 from point.charges where revision = any($1::bigint[]) and id = any($2::bigint[])
  union all select 1 from point.charge_refunds where revision = any($1) and id = any($3::bigint[])
  union all select 1 from unnest($4::bigint[], $5::text[]) as o(user_id, order_id)
    join point.order_earnings using (user_id, order_id) where revision = any($1)`;

export function postgresLedgerStore(deps: PostgresBatchDeps<LedgerDecision, LedgerSnapshot>): LedgerStore {
  return {
    changeBatch: postgresBatches<LedgerRead, PointCommand, LedgerSnapshot, LedgerDecision, [nowMs: number]>(deps, {
      load: ledgerReads,
      toSnapshot,
      write: ledgerWrites,
      wasCommitted,
    }),
  };
}

/**
 * Looks for a transaction of the batch. A batch without one may have written released holds, which bar an order from holding or spending,
 * and refusals; these look the same whichever batch wrote them. They are required, because a late call that finds no such row would take
 * points that no step returns. Charges and earnings are found by their revision; one that was changed again since looks as if it had not been
 * written, which does no harm: their commands have one effect however often they are decided.
 */
async function wasCommitted(
  client: pg.ClientBase,
  { postings, holds, refusals, charges, chargeRefunds, earnings }: LedgerDecision,
): Promise<boolean | undefined> {
  const [posting] = postings;
  const first = posting?.transaction ?? holds[0] ?? refusals[0] ?? charges[0] ?? chargeRefunds[0] ?? earnings[0];
  if (!first) return undefined;
  await client.query(LOCK_ONE, [first.userId]);
  if (posting) return (await client.query(IS_THERE, [posting.transaction.id])).rowCount === 1;
  const marked = await client.query(ARE_MARKED, [
    holds.map(({ userId }) => userId),
    holds.map(({ orderId }) => orderId),
  ]);
  const refused = await client.query(ARE_REFUSED, [
    refusals.map(({ userId }) => userId),
    refusals.map(({ key }) => key),
    refusals.map(({ contentHash }) => contentHash),
  ]);
  const written = await client.query(ARE_WRITTEN, [
    [...charges, ...chargeRefunds, ...earnings].map(({ revision }) => revision),
    charges.map(({ id }) => id),
    chargeRefunds.map(({ id }) => id),
    earnings.map(({ userId }) => userId),
    earnings.map(({ orderId }) => orderId),
  ]);
  return (
    marked.rowCount === holds.length &&
    refused.rowCount === refusals.length &&
    written.rowCount === charges.length + chargeRefunds.length + earnings.length
  );
}

interface Overdue {
  readonly user_id: bigint;
  readonly amount: bigint;
}

function toSnapshot(rowsOf: RowsOf<LedgerRead>): LedgerSnapshot {
  const accounts = rowsOf<RowOf<typeof ACCOUNT>>('accounts').map((row) => ACCOUNT.read(row));
  const transactions = rowsOf<RowOf<typeof TRANSACTION>>('keyed').map((row) => TRANSACTION.read(row));
  const refusals = rowsOf<RowOf<typeof REFUSAL>>('refused').map((row) => REFUSAL.read(row));
  const lotRows = [...rowsOf<RowOf<typeof LOT>>('lots'), ...rowsOf<RowOf<typeof LOT>>('earned lots')];
  const lots = lotRows.map((row) => LOT.read(row));
  const earnings = rowsOf<RowOf<typeof EARNING>>('earnings').map((row) => EARNING.read(row));
  const holds = rowsOf<RowOf<typeof HOLD>>('holds').map((row) => HOLD.read(row));
  const charges = rowsOf<RowOf<typeof CHARGE>>('charges').map((row) => CHARGE.read(row));
  const chargeRefunds = rowsOf<RowOf<typeof CHARGE_REFUND>>('charge refunds').map((row) => CHARGE_REFUND.read(row));
  const taken = new Map<bigint, LotMove[]>();
  for (const row of rowsOf<RowOf<typeof MOVE>>('taken')) {
    const { transactionId, lotId, amount } = MOVE.read(row);
    const moves = taken.get(transactionId);
    if (moves) moves.push({ lotId, amount });
    else taken.set(transactionId, [{ lotId, amount }]);
  }
  return {
    accounts: new Map(accounts.map((account) => [account.userId, account])),
    overdue: new Map(rowsOf<Overdue>('overdue').map(({ user_id, amount }) => [user_id, amount])),
    lots: new Map(lots.map((lot) => [lot.id, lot])),
    keyed: new Map(
      transactions.flatMap((transaction) =>
        transaction.key === null ? [] : [[userKey(transaction.userId, transaction.key), transaction] as const],
      ),
    ),
    refused: new Map(refusals.map((refusal) => [userKey(refusal.userId, refusal.key), refusal])),
    taken,
    holds: new Map(holds.map((hold) => [userKey(hold.userId, hold.orderId), hold])),
    charges: new Map(charges.map((charge) => [charge.id, charge])),
    chargeRefunds: new Map(chargeRefunds.map((refund) => [refund.id, refund])),
    earnings: new Map(earnings.map((earning) => [userKey(earning.userId, earning.orderId), earning])),
  };
}
