import { ids, lockRow, type Run, returned, type Session, written } from './session.ts';
import { assigned, between, elements, rowsOf } from './sql.ts';
import { RESERVATIONS, type Row, type Tables } from './tables.ts';
import { serverError } from './transactions.ts';

const texts = (value: unknown): readonly string[] => elements(value).map(String);

interface Order {
  readonly userId: unknown;
  readonly orderId: unknown;
}
const isOf = (row: Row, { userId, orderId }: Order): boolean =>
  row['user_id'] === userId && row['order_id'] === orderId;

/** The reservations of the orders that are named, and of those of reservations that have expired. */
function reservationsOfOrders(
  { reservations }: Tables,
  [, , users, orderIds, confirmed]: readonly unknown[],
): readonly Row[] {
  const names = texts(orderIds);
  const orders: Order[] = ids(users).map((userId, place) => ({ userId, orderId: names[place] }));
  for (const id of texts(confirmed)) {
    const row = reservations.get(id);
    if (row?.['status'] === 'EXPIRED') orders.push({ userId: row['user_id'], orderId: row['order_id'] });
  }
  return [...reservations.values()].filter(
    (row) => row['order_id'] !== null && orders.some((order) => isOf(row, order)),
  );
}

/** The coupons that a batch names: by their ids, by reservations, and by orders. */
export function couponsOf(tables: Tables, values: readonly unknown[]): readonly bigint[] {
  const named = texts(values[1]).flatMap((id): Row[] => {
    const row = tables.reservations.get(id);
    return row ? [row] : [];
  });
  const rows = [...named, ...reservationsOfOrders(tables, values)];
  return [...new Set([...ids(values[0]), ...rows.map((row) => row['coupon_id'] as bigint)])];
}

/** In the order of the names, which stands for that of their hashes. */
export const lockUsers: Run = async ({ server, transaction }, [names, reservations]) => {
  const users = texts(reservations).flatMap((id) => {
    const row = server.tables.reservations.get(id);
    return row ? [`coupon.user:${row['user_id']}`] : [];
  });
  for (const name of [...new Set([...texts(names), ...users])].sort()) await server.lockAdvisory(transaction, name);
  return returned([{}]);
};

export const loadReservations: Run = ({ server: { tables } }, values) => {
  const coupons = ids(values[0]);
  const users = new Set(ids(values[5]));
  const found = new Set<string>(texts(values[1]));
  for (const id of coupons) {
    const reservation = tables.coupons.get(id)?.['reservation_id'];
    if (typeof reservation === 'string') found.add(reservation);
  }
  for (const row of reservationsOfOrders(tables, values)) found.add(String(row['id']));
  for (const row of tables.reservations.values()) {
    if (row['status'] === 'PENDING' && users.has(row['user_id'] as bigint)) found.add(String(row['id']));
  }
  return returned([...found].flatMap((id) => tables.reservations.get(id) ?? []));
};

const isHolding = (row: Row): boolean => row['status'] === 'PENDING' || row['status'] === 'CONFIRMED';

/** The unique indexes: one coupon for each order, one reservation of each coupon. */
function checkUnique({ server: { tables }, transaction }: Session, row: Row, after: ReadonlyMap<unknown, Row>): void {
  if (!isHolding(row)) return;
  for (const each of tables.reservations.values()) {
    const other = after.get(each['id']) ?? each;
    if (other['id'] === row['id'] || !isHolding(other) || transaction.isOver) continue;
    const order = { userId: row['user_id'], orderId: row['order_id'] };
    if (row['order_id'] !== null && isOf(other, order)) throw serverError('23505', 'coupon_reservations_order');
    if (other['status'] === 'PENDING' && row['status'] === 'PENDING' && other['coupon_id'] === row['coupon_id'])
      throw serverError('23505', 'coupon_reservations_holding');
  }
}

export function putReservations(text: string): Run {
  const arrays = arraysOfAll(text);
  const changing = between(text, 'do update set ')
    .split(', ')
    .map((each) => each.slice(0, each.indexOf(' = ')).replaceAll('"', ''));
  const assignments = [...arrays.keys()].map((column) => ({ column, to: { kind: 'array', column } as const }));
  return async (session, values) => {
    const { server, transaction } = session;
    const after = new Map<unknown, Row>();
    for (const given of rowsOf(arrays, values)) {
      const row = assigned(RESERVATIONS, assignments, values, given);
      const id = String(row['id']);
      await lockRow(session, 'reservation', id);
      const before = server.tables.reservations.get(id);
      const changed = Object.fromEntries(changing.map((column) => [column, row[column]]));
      const next = before ? { ...before, ...changed } : row;
      checkUnique(session, next, after);
      after.set(id, next);
      transaction.writes.push(({ reservations }) => reservations.set(id, next));
    }
    return written(after.size);
  };
}

/** `insert into t (a, b) select * from unnest($1::bigint[], $2::text[])` */
function arraysOfAll(text: string): ReadonlyMap<string, number> {
  const columns = between(text, ' (', ')').split(', ');
  const parameters = [...between(text, 'unnest(', ')').matchAll(/\$(\d+)/g)].map(([, index]) => Number(index) - 1);
  return new Map(columns.map((column, place) => [column.replaceAll('"', ''), parameters[place] ?? -1]));
}

export const dueReservations: Run = ({ server: { tables } }, [now, limit]) =>
  returned(
    [...tables.reservations.values()]
      .filter(({ status, expires_at: expiresAt }) => status === 'PENDING' && (expiresAt as Date) <= (now as Date))
      .sort((a, b) => Number(a['expires_at']) - Number(b['expires_at']))
      .slice(0, Number(limit)),
  );

export const closedReservations: Run = ({ server: { tables } }, [given]) =>
  returned(texts(given).filter((id) => tables.reservations.get(id)?.['status'] === 'CANCELLED'));
