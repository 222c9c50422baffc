import { arrayLiteral } from '../../../../platform/postgres/array-literal.ts';
import type { Statement } from '../../../../platform/postgres/batch-transaction.ts';
import { keyOf, needOf, type PointCommand } from '../../domain/command.ts';
import { ACCOUNT, CHARGE, CHARGE_REFUND, EARNING, HOLD, LOT, MOVE, REFUSAL, TRANSACTION } from './mappings.ts';

/** The statements of a batch's first round trip: accounts are created and locked, then separate statements read what depends on them. */
export type LedgerRead =
  | 'new accounts'
  | 'accounts'
  | 'overdue'
  | 'keyed'
  | 'refused'
  | 'holds'
  | 'taken'
  | 'lots'
  | 'charges'
  | 'charge refunds'
  | 'earnings'
  | 'earned lots';

// Sorted as the locks, so that of two batches that create the same accounts one waits before it holds a lock that the other needs.
const MAKE_ACCOUNTS = `
  insert into point.accounts (user_id)
  select id from unnest($1::bigint[]) as id order by id
  on conflict (user_id) do nothing`;

const LOCK_ACCOUNTS = `
  select ${ACCOUNT.columns()} from point.accounts where user_id = any($1::bigint[]) order by user_id for no key update`;

const LOAD_OVERDUE = `
  select user_id, sum(remaining)::bigint as amount from point.lots
  where user_id = any($1::bigint[]) and open and expires_at <= $2::timestamptz group by user_id`;

// One index lookup for each name, here and below: a join could keep the plan of a small table, a sequential scan. The range with its
// order can only use the index of keys: the index of the history also begins with the user.
const LOAD_KEYED = `
  select t.* from unnest($1::bigint[], $2::text[]) as k(user_id, key) cross join lateral (
    select ${TRANSACTION.columns('t')} from point.transactions as t
    where t.user_id = k.user_id and t.key >= k.key and t.key <= k.key order by t.key limit 1) as t`;

const LOAD_REFUSED = `
  select ${REFUSAL.columns('r')}
  from unnest($1::bigint[], $2::text[]) as k(user_id, key) cross join lateral (
    select * from point.refusals as r where r.user_id = k.user_id and r.key = k.key limit 1) as r`;

const LOAD_HOLDS = `
  select ${HOLD.columns('h')}
  from unnest($1::bigint[], $2::text[]) as o(user_id, order_id) cross join lateral (
    select * from point.holds as h where h.user_id = o.user_id and h.order_id = o.order_id limit 1) as h`;

// $2, $3: the orders whose holds may be returned to their lots.
const TAKEN_BY = `
  select unnest($1::bigint[])
  union select h.transaction_id from unnest($2::bigint[], $3::text[]) as o(user_id, order_id)
    cross join lateral (
      select * from point.holds as h where h.user_id = o.user_id and h.order_id = o.order_id limit 1) as h`;

const LOAD_TAKEN = `
  select ${MOVE.columns()} from point.lot_moves where transaction_id = any(array(${TAKEN_BY}))
  order by transaction_id, line`;

// Walks each user's lots in their order of spending, one lot a step, until the amount that the batch may take is covered: a user with
// 100,000 lots costs no more than a user with one. Lots that the batch names are loaded anyway and do not count here, because the batch
// may empty them by another command.
const LOAD_LOTS = `
  with recursive walk as (
    select need.user_id, need.amount as need, '-infinity'::timestamptz as expires_at, 0::bigint as id
    from unnest($4::bigint[], $5::bigint[]) as need(user_id, amount)
    union all
    select w.user_id, w.need - l.remaining, l.expires_at::timestamptz, l.id
    from walk as w cross join lateral (
      select expires_at, id, remaining from point.lots
      where user_id = w.user_id and open and (expires_at, id) > (w.expires_at, w.id)
        and expires_at > $6::timestamptz and (available_at is null or available_at <= $6) and id <> all($7::bigint[])
      order by expires_at, id limit 1
    ) as l
    where w.need > 0
  )
  select ${LOT.columns()} from point.lots
  where id = any(array(
    select id from walk
    union select unnest($7)
    union select lot_id from point.lot_moves where transaction_id = any(array(${TAKEN_BY}))))`;

// $2, $3: the users who open a charge, with its key. They may have an earlier one of that key, and a few that are open.
const LOAD_CHARGES = `
  select ${CHARGE.columns('c')} from point.charges as c where c.id = any(array(
    select unnest($1::bigint[])
    union select k.id from unnest($2::bigint[], $3::text[]) as o(user_id, key) cross join lateral (
      select id from point.charges where user_id = o.user_id and key = o.key limit 1) as k
    union select k.id from unnest($2) as o(user_id) cross join lateral (
      select id from point.charges where user_id = o.user_id and status = 'PENDING') as k))`;

const LOAD_CHARGE_REFUNDS = `
  select ${CHARGE_REFUND.columns('r')} from unnest($1::bigint[]) as c(id) cross join lateral (
    select * from point.charge_refunds where charge_id = c.id) as r`;

const LOAD_EARNINGS = `
  select ${EARNING.columns('e')} from unnest($1::bigint[], $2::text[]) as o(user_id, order_id) cross join lateral (
    select * from point.order_earnings as e where e.user_id = o.user_id and e.order_id = o.order_id limit 1) as e`;

// Commands of orders that earn have batches without spending: 'lots' counts on lots that no other command empties.
const LOAD_EARNED_LOTS = `
  select ${LOT.columns()} from point.lots where id = any(array(
    select e.transaction_id from unnest($1::bigint[], $2::text[]) as o(user_id, order_id) cross join lateral (
      select * from point.order_earnings as e where e.user_id = o.user_id and e.order_id = o.order_id limit 1) as e))`;

/** The rows that the commands name, to lock or to look up. */
interface Named {
  readonly users: Set<bigint>;
  readonly keys: { readonly userId: bigint; readonly key: string; readonly mayBeRefused: boolean }[];
  readonly orders: { readonly userId: bigint; readonly orderId: string; readonly mayGoBack: boolean }[];
  /** Uses that are reversed. */
  readonly sources: Set<bigint>;
  /** Lots that a command names. */
  readonly lots: Set<bigint>;
  readonly needs: Map<bigint, bigint>;
  readonly charges: Set<bigint>;
  readonly newCharges: { readonly userId: bigint; readonly key: string }[];
  readonly earnings: { readonly userId: bigint; readonly orderId: string }[];
}

export function ledgerReads(commands: readonly PointCommand[], nowMs: number): Map<LedgerRead, Statement> {
  const { users, keys, orders, sources, lots, needs, charges, newCharges, earnings } = namesIn(commands);
  const now = new Date(nowMs).toISOString();
  const reads = new Map<LedgerRead, Statement>();
  const read = (name: LedgerRead, text: string, values: readonly unknown[]) =>
    reads.set(name, { name: `point-${name}`, text, values });
  const sorted = arrayLiteral([...users].sort((a, b) => (a < b ? -1 : 1)));
  read('new accounts', MAKE_ACCOUNTS, [sorted]);
  read('accounts', LOCK_ACCOUNTS, [sorted]);
  read('overdue', LOAD_OVERDUE, [sorted, now]);
  const refusable = keys.filter(({ mayBeRefused }) => mayBeRefused);
  if (keys.length > 0)
    read(
      'keyed',
      LOAD_KEYED,
      pairs(keys, ({ key }) => key),
    );
  if (refusable.length > 0)
    read(
      'refused',
      LOAD_REFUSED,
      pairs(refusable, ({ key }) => key),
    );
  if (orders.length > 0)
    read(
      'holds',
      LOAD_HOLDS,
      pairs(orders, ({ orderId }) => orderId),
    );
  const back = pairs(
    orders.filter(({ mayGoBack }) => mayGoBack),
    ({ orderId }) => orderId,
  );
  if (sources.size + orders.length > 0) read('taken', LOAD_TAKEN, [arrayLiteral(sources), ...back]);
  if (sources.size + orders.length + lots.size + needs.size > 0) {
    read('lots', LOAD_LOTS, [
      arrayLiteral(sources),
      ...back,
      arrayLiteral(needs.keys()),
      arrayLiteral(needs.values()),
      now,
      arrayLiteral(lots),
    ]);
  }
  if (charges.size + newCharges.length > 0) {
    read('charges', LOAD_CHARGES, [arrayLiteral(charges), ...pairs(newCharges, ({ key }) => key)]);
  }
  if (charges.size > 0) read('charge refunds', LOAD_CHARGE_REFUNDS, [arrayLiteral(charges)]);
  if (earnings.length > 0) {
    const named = pairs(earnings, ({ orderId }) => orderId);
    read('earnings', LOAD_EARNINGS, named);
    read('earned lots', LOAD_EARNED_LOTS, named);
  }
  return reads;
}

const pairs = <Row extends { readonly userId: bigint }>(rows: readonly Row[], textOf: (row: Row) => string) => [
  arrayLiteral(rows.map(({ userId }) => userId)),
  rows.map(textOf),
];

function namesIn(commands: readonly PointCommand[]): Named {
  const named: Named = {
    users: new Set(),
    keys: [],
    orders: [],
    sources: new Set(),
    lots: new Set(),
    needs: new Map(),
    charges: new Set(),
    newCharges: [],
    earnings: [],
  };
  for (const command of commands) {
    const { userId } = command;
    named.users.add(userId);
    const key = keyOf(command);
    if (key !== undefined) named.keys.push({ userId, key, mayBeRefused: 'contentHash' in command });
    const need = needOf(command);
    if (need > 0n) named.needs.set(userId, (named.needs.get(userId) ?? 0n) + need);
    addNames(named, command);
  }
  return named;
}

function addNames(named: Named, command: PointCommand): void {
  switch (command.kind) {
    case 'HOLD':
    case 'SPEND':
    case 'CAPTURE':
    case 'RELEASE':
    case 'REFUND': {
      const { userId, orderId, kind } = command;
      named.orders.push({ userId, orderId, mayGoBack: kind === 'RELEASE' || kind === 'REFUND' });
      break;
    }
    case 'CANCEL':
      if (command.source.type === 'USE') named.sources.add(command.source.id);
      else named.lots.add(command.source.id);
      if (command.source.chargeId !== undefined) named.charges.add(command.source.chargeId);
      break;
    case 'EXPIRE':
      for (const id of command.lotIds) named.lots.add(id);
      break;
    case 'OPEN_CHARGE':
      named.newCharges.push(command);
      break;
    case 'CHARGE_RESULT':
      named.charges.add(command.chargeId);
      break;
    case 'ORDER_PAID':
    case 'ORDER_REFUNDED':
      named.earnings.push(command);
      break;
    default:
  }
}
