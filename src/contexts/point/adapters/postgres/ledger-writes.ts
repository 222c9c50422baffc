import { INSERT_OUTBOX, outboxValues } from '../../../../platform/events/outbox.ts';
import { numbers, words } from '../../../../platform/postgres/array-literal.ts';
import type { Statement } from '../../../../platform/postgres/batch-transaction.ts';
import { pointEvents } from '../../application/point-events.ts';
import type { Account, LedgerDecision, NewRefusal } from '../../domain/decision.ts';
import type { Hold } from '../../domain/hold.ts';
import type { Lot } from '../../domain/lot.ts';
import type { Posting } from '../../domain/transaction.ts';

// The two entries of a transaction are derived here: one amount, once with each sign.
const INSERT_TRANSACTIONS = `
  with new as (
    select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::bigint[], $11::text[], $13::text[], $14::text[], $15::bigint[]) as t(id, user_id, type, amount, balance, key,
      content_hash, order_id, reason, source_id, by, "from", "to", moved)
  ), written as (
    insert into point.entries (transaction_id, line, account, user_id, amount)
    select id, 1, "from", user_id, -moved from new union all select id, 2, "to", user_id, moved from new
  )
  insert into point.transactions
    (id, user_id, type, amount, balance, key, content_hash, order_id, reason, source_id, by, created_at)
  select id, user_id, type, amount, balance, key, content_hash, order_id, reason, source_id, by, $12::timestamptz from new`;

const INSERT_MOVES = `
  insert into point.lot_moves (transaction_id, line, lot_id, amount)
  select * from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[])`;

const INSERT_LOTS = `
  insert into point.lots (id, user_id, amount, remaining, open, available_at, expires_at)
  select id, user_id, amount, remaining, remaining > 0, available_at, expires_at
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
    as new(id, user_id, amount, remaining, available_at, expires_at)`;

const UPDATE_LOTS = `
  update point.lots as l set remaining = new.remaining, open = new.remaining > 0, expires_at = new.expires_at
  from unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) as new(id, remaining, expires_at) where l.id = new.id`;

const UPDATE_ACCOUNTS = `
  update point.accounts as a set balance = new.balance, held = new.held
  from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as new(user_id, balance, held) where a.user_id = new.user_id`;

const PUT_HOLDS = `
  insert into point.holds (user_id, order_id, amount, transaction_id, state, refunded)
  select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[])
  on conflict (user_id, order_id) do update set state = excluded.state, refunded = excluded.refunded`;

const INSERT_REFUSALS = `
  insert into point.refusals (user_id, key, content_hash, code, details, created_at)
  select *, $6::timestamptz from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[])`;

/** The statements of a batch's second round trip. `groupId` identifies the batch in the outbox. */
export function ledgerWrites(decision: LedgerDecision, groupId: bigint): Statement[] {
  const { postings, accounts, newLots, changedLots, holds, refusals, nowMs } = decision;
  const at = instant(nowMs);
  const writes: Statement[] = [];
  const write = <Row>(
    rows: readonly Row[],
    name: string,
    text: string,
    valuesOf: (rows: readonly Row[]) => unknown[],
  ) => {
    if (rows.length > 0) writes.push({ name: `point-${name}`, text, values: valuesOf(rows) });
  };
  write(postings, 'insert', INSERT_TRANSACTIONS, (rows) => transactionValues(rows, at));
  write(postings.flatMap(movesOf), 'moves', INSERT_MOVES, moveValues);
  write(newLots, 'lots-insert', INSERT_LOTS, newLotValues);
  write(changedLots, 'lots-update', UPDATE_LOTS, lotValues);
  write(accounts, 'accounts-update', UPDATE_ACCOUNTS, accountValues);
  write(holds, 'holds-put', PUT_HOLDS, holdValues);
  write(refusals, 'refusals-insert', INSERT_REFUSALS, (rows) => [...refusalValues(rows), at]);
  const events = pointEvents(decision);
  if (events.length > 0) writes.push({ name: 'outbox', text: INSERT_OUTBOX, values: outboxValues(groupId, events) });
  return writes;
}

const instant = (ms: number): string => (ms === Number.POSITIVE_INFINITY ? 'infinity' : new Date(ms).toISOString());

const transactionValues = (postings: readonly Posting[], at: string): unknown[] => {
  const rows = postings.map(({ transaction }) => transaction);
  return [
    numbers(rows, ({ id }) => id),
    numbers(rows, ({ userId }) => userId),
    words(rows, ({ type }) => type),
    numbers(rows, ({ amount }) => amount),
    numbers(rows, ({ balance }) => balance),
    rows.map(({ key }) => key),
    rows.map(({ contentHash }) => contentHash),
    rows.map(({ orderId }) => orderId),
    rows.map(({ reason }) => reason),
    numbers(rows, ({ sourceId }) => sourceId),
    rows.map(({ by }) => by),
    at,
    words(postings, ({ from }) => from),
    words(postings, ({ to }) => to),
    numbers(postings, ({ amount }) => amount),
  ];
};

interface MoveLine {
  readonly transactionId: bigint;
  readonly line: number;
  readonly lotId: bigint;
  readonly amount: bigint;
}

const movesOf = ({ transaction, moves }: Posting): MoveLine[] =>
  moves.map((move, index) => ({ transactionId: transaction.id, line: index + 1, ...move }));

const moveValues = (moves: readonly MoveLine[]): unknown[] => [
  numbers(moves, ({ transactionId }) => transactionId),
  numbers(moves, ({ line }) => line),
  numbers(moves, ({ lotId }) => lotId),
  numbers(moves, ({ amount }) => amount),
];

const newLotValues = (lots: readonly Lot[]): unknown[] => [
  numbers(lots, ({ id }) => id),
  numbers(lots, ({ userId }) => userId),
  numbers(lots, ({ amount }) => amount),
  numbers(lots, ({ remaining }) => remaining),
  words(lots, ({ availableAtMs }) => (availableAtMs === null ? null : instant(availableAtMs))),
  words(lots, ({ expiresAtMs }) => instant(expiresAtMs)),
];

const lotValues = (lots: readonly Lot[]): unknown[] => [
  numbers(lots, ({ id }) => id),
  numbers(lots, ({ remaining }) => remaining),
  words(lots, ({ expiresAtMs }) => instant(expiresAtMs)),
];

const accountValues = (accounts: readonly Account[]): unknown[] => [
  numbers(accounts, ({ userId }) => userId),
  numbers(accounts, ({ balance }) => balance),
  numbers(accounts, ({ held }) => held),
];

const holdValues = (holds: readonly Hold[]): unknown[] => [
  numbers(holds, ({ userId }) => userId),
  holds.map(({ orderId }) => orderId),
  numbers(holds, ({ amount }) => amount),
  numbers(holds, ({ transactionId }) => transactionId),
  words(holds, ({ state }) => state.status),
  numbers(holds, ({ state }) => (state.status === 'CAPTURED' ? state.refunded : 0n)),
];

const refusalValues = (refusals: readonly NewRefusal[]): unknown[] => [
  numbers(refusals, ({ userId }) => userId),
  refusals.map(({ key }) => key),
  refusals.map(({ contentHash }) => contentHash),
  words(refusals, ({ refusal }) => refusal.code),
  refusals.map(({ refusal }) => JSON.stringify(refusal.details)),
];
