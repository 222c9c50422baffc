import type pg from 'pg';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { groupTransaction } from '../../../../platform/postgres/group-transaction.ts';
import type { LedgerStore } from '../../application/ports.ts';
import { keyPlace, type LedgerDecision, type LedgerSnapshot } from '../../domain/decision.ts';
import type { LotMove } from '../../domain/transaction.ts';
import { type LedgerRead, ledgerReads } from './ledger-reads.ts';
import {
  type AccountRow,
  type HoldRow,
  type LotRow,
  type MoveRow,
  type OverdueRow,
  type RefusalRow,
  type TransactionRow,
  toHold,
  toLot,
  toRefusal,
  toTransaction,
} from './ledger-rows.ts';
import { ledgerWrites } from './ledger-writes.ts';

const LOCK_ONE = 'select 1 from point.accounts where user_id = $1 for no key update';
const IS_THERE = 'select 1 from point.transactions where id = $1';

/** `onCommit` is called after a commit that wrote events. */
export function postgresLedgerStore(database: Database, nextId: IdSource, onCommit: () => void): LedgerStore {
  return {
    async changeGroup(commands, nowMs, decide) {
      const reads = ledgerReads(commands, nowMs);
      const decision = await groupTransaction(database, {
        load: [...reads.values()],
        decide: (loaded) => {
          const decided = decide(toSnapshot([...reads.keys()], loaded));
          return { writes: ledgerWrites(decided, nextId()), result: decided };
        },
        happened,
      });
      if (decision.postings.length > 0) onCommit();
      return decision;
    },
  };
}

/** Told by a transaction of the group. What posted none may be taken for done: deciding it again decides the same. */
async function happened(client: pg.ClientBase, { postings }: LedgerDecision): Promise<boolean> {
  const [posting] = postings;
  if (!posting) return true;
  await client.query(LOCK_ONE, [posting.transaction.userId]);
  return (await client.query(IS_THERE, [posting.transaction.id])).rowCount === 1;
}

function toSnapshot(names: readonly LedgerRead[], loaded: readonly pg.QueryResult[]): LedgerSnapshot {
  const rowsOf = <Row>(name: LedgerRead): readonly Row[] => loaded[names.indexOf(name)]?.rows ?? [];
  const accounts = rowsOf<AccountRow>('accounts').map(({ user_id: userId, balance, held }) => ({
    userId,
    balance,
    held,
  }));
  const taken = new Map<bigint, LotMove[]>();
  for (const { transaction_id: id, lot_id: lotId, amount } of rowsOf<MoveRow>('taken')) {
    const moves = taken.get(id);
    if (moves) moves.push({ lotId, amount });
    else taken.set(id, [{ lotId, amount }]);
  }
  return {
    accounts: new Map(accounts.map((account) => [account.userId, account])),
    overdue: new Map(rowsOf<OverdueRow>('overdue').map(({ user_id, amount }) => [user_id, amount])),
    lots: new Map(rowsOf<LotRow>('lots').map((row) => [row.id, toLot(row)])),
    keyed: new Map(
      rowsOf<TransactionRow>('keyed').map((row) => [keyPlace(row.user_id, row.key ?? ''), toTransaction(row)]),
    ),
    refused: new Map(rowsOf<RefusalRow>('refused').map((row) => [keyPlace(row.user_id, row.key), toRefusal(row)])),
    taken,
    holds: new Map(rowsOf<HoldRow>('holds').map((row) => [keyPlace(row.user_id, row.order_id), toHold(row)])),
  };
}
