import { numbers, words } from '../../../../platform/postgres/array-literal.ts';
import { RowWrites, type Statement } from '../../../../platform/postgres/statement.ts';
import type { LedgerDecision } from '../../domain/decision.ts';
import type { Posting } from '../../domain/postings/transaction.ts';
import {
  ACCOUNT,
  CHARGE,
  CHARGE_CHANGE,
  CHARGE_REFUND,
  CHARGE_REFUND_CHANGE,
  EARNING,
  HOLD,
  HOLD_CHANGE,
  LOT,
  LOT_CHANGE,
  NEW_MOVE,
  NEW_REFUSAL,
  TRANSACTION,
} from './mappings.ts';

// Follow the parameters of the transactions.
const [FROM, TO, MOVED] = [1, 2, 3].map((place) => `$${TRANSACTION.parameters + place}`);

// The entries of a transaction are derived here: one amount, once with each sign, and what is booked on RECEIVABLE, by which the entry
// of USER is smaller. An entry of 0 is left out.
const INSERT_TRANSACTIONS = `
  with new as (
    select * from unnest(${TRANSACTION.arrays()}, ${FROM}::text[], ${TO}::text[], ${MOVED}::bigint[])
      as t(${TRANSACTION.names}, "from", "to", moved)
  ), written as (
    insert into point.entries (transaction_id, line, account, user_id, amount)
    select * from (
      select id, 1, "from", user_id, case "from" when 'USER' then receivable - moved else -moved end as amount from new
      union all select id, 2, "to", user_id, case "to" when 'USER' then receivable + moved else moved end from new
      union all select id, 3, 'RECEIVABLE', user_id, -receivable from new
    ) as e where amount <> 0
  )
  insert into point.transactions
    (${TRANSACTION.insertColumns})
  select ${TRANSACTION.insertValues()} from new`;

const INSERT_MOVES = `
  insert into point.lot_moves (${NEW_MOVE.insertColumns})
  select * from unnest(${NEW_MOVE.arrays()})`;

const INSERT_LOTS = `
  insert into point.lots (${LOT.insertColumns})
  select ${LOT.insertValues()}
  from unnest(${LOT.arrays()}) as new(${LOT.names})`;

const UPDATE_LOTS = `
  update point.lots as l set ${LOT_CHANGE.assignments()}
  from unnest(${LOT_CHANGE.arrays()}) as new(${LOT_CHANGE.names}) where l.id = new.id`;

const UPDATE_ACCOUNTS = `
  update point.accounts as a set ${ACCOUNT.assignments()}
  from unnest(${ACCOUNT.arrays()}) as new(${ACCOUNT.names}) where a.user_id = new.user_id`;

const PUT_HOLDS = `
  insert into point.holds (${HOLD.insertColumns})
  select * from unnest(${HOLD.arrays()})
  on conflict (user_id, order_id) do update set ${HOLD_CHANGE.assignments('excluded.')}`;

const PUT_CHARGES = `
  insert into point.charges (${CHARGE.insertColumns})
  select ${CHARGE.insertValues()} from unnest(${CHARGE.arrays()}) as new(${CHARGE.names})
  on conflict (id) do update set ${CHARGE_CHANGE.assignments('excluded.')}`;

const PUT_CHARGE_REFUNDS = `
  insert into point.charge_refunds (${CHARGE_REFUND.insertColumns})
  select ${CHARGE_REFUND.insertValues()} from unnest(${CHARGE_REFUND.arrays()}) as new(${CHARGE_REFUND.names})
  on conflict (id) do update set ${CHARGE_REFUND_CHANGE.assignments('excluded.')}`;

const PUT_EARNINGS = `
  insert into point.order_earnings (${EARNING.insertColumns})
  select * from unnest(${EARNING.arrays()})
  on conflict (user_id, order_id) do update set ${EARNING.assignments('excluded.')}`;

const INSERT_REFUSALS = `
  insert into point.refusals (${NEW_REFUSAL.insertColumns})
  select *, ${NEW_REFUSAL.shared()} from unnest(${NEW_REFUSAL.arrays()})`;

/** The statements of a batch's second round trip. */
export function ledgerWrites(decision: LedgerDecision): Statement[] {
  const { postings, accounts, newLots, changedLots, holds, charges, chargeRefunds, earnings, refusals, nowMs } =
    decision;
  const writes = new RowWrites('point-');
  writes.add(postings, 'insert', INSERT_TRANSACTIONS, (rows) => transactionValues(rows, nowMs));
  writes.add(postings.flatMap(movesOf), 'moves', INSERT_MOVES, NEW_MOVE.values);
  writes.add(newLots, 'lots-insert', INSERT_LOTS, LOT.values);
  writes.add(changedLots, 'lots-update', UPDATE_LOTS, LOT_CHANGE.values);
  writes.add(accounts, 'accounts-update', UPDATE_ACCOUNTS, ACCOUNT.values);
  writes.add(holds, 'holds-put', PUT_HOLDS, HOLD.values);
  writes.add(charges, 'charges-put', PUT_CHARGES, CHARGE.values);
  writes.add(chargeRefunds, 'charge-refunds-put', PUT_CHARGE_REFUNDS, CHARGE_REFUND.values);
  writes.add(earnings, 'earnings-put', PUT_EARNINGS, EARNING.values);
  writes.add(refusals, 'refusals-insert', INSERT_REFUSALS, (rows) => NEW_REFUSAL.values(rows, { createdAtMs: nowMs }));
  return writes.statements;
}

const transactionValues = (postings: readonly Posting[], createdAtMs: number): unknown[] => [
  ...TRANSACTION.values(
    postings.map(({ transaction }) => transaction),
    { createdAtMs },
  ),
  words(postings, ({ from }) => from),
  words(postings, ({ to }) => to),
  numbers(postings, ({ amount }) => amount),
];

const movesOf = ({ transaction, moves }: Posting) =>
  moves.map((move, index) => ({ transactionId: transaction.id, line: index + 1, ...move }));
