import { couponsOf } from './reservation-statements.ts';
import { ids, lockRow, type Run, returned, type Session, sorted, written } from './session.ts';
import { arraysIn, assigned, assignmentsIn, between, insertIn, rowsOf } from './sql.ts';
import { COUPONS, type Row } from './tables.ts';
import { serverError } from './transactions.ts';

/** The unique indexes: a key that another transaction is writing has to be waited for. */
export async function insertCoupon(session: Session, row: Row): Promise<void> {
  const { server, transaction } = session;
  const keys: [string, (other: Row) => boolean][] = [
    ['coupon_issues_sequence', (other) => other['sequence_no'] === row['sequence_no']],
    ['coupon_issues_holding', (other) => other['user_id'] === row['user_id'] && other['slot'] === row['slot']],
  ];
  const values = {
    coupon_issues_sequence: row['sequence_no'],
    coupon_issues_holding: `${row['user_id']} ${row['slot']}`,
  };
  for (const [name, isEqual] of keys) {
    await server.lock(transaction, `${name} ${row['policy_id']} ${values[name as keyof typeof values]}`);
    for (const other of server.tables.coupons.values()) {
      if (other['policy_id'] === row['policy_id'] && isEqual(other)) throw serverError('23505', name);
    }
  }
  transaction.writes.push(({ coupons }) => coupons.set(row['id'] as bigint, row));
}

export function insertCoupons(text: string): Run {
  const assignments = insertIn(text);
  const arrays = arraysIn(text);
  return async (session, values) => {
    const rows = rowsOf(arrays, values);
    for (const row of rows)
      await insertCoupon(session, { ...COUPONS.defaults, ...assigned(COUPONS, assignments, values, row) });
    return written(rows.length);
  };
}

const holdingsOf = ({ server }: Session, policyId: unknown): Row[] =>
  [...server.tables.coupons.values()].filter((row) => row['policy_id'] === policyId && row['slot'] !== null);

export const loadHoldings: Run = (session, [policyIds, userIds]) => {
  const users = ids(userIds);
  return returned(
    ids(policyIds).flatMap((policyId, place) =>
      holdingsOf(session, policyId).filter((row) => row['user_id'] === users[place]),
    ),
  );
};

export const loadHolders: Run = (session, [id, max]) => {
  const policy = session.server.tables.policies.get(BigInt(id as string));
  if (!policy || Number(policy['current_issue_count']) > Number(max)) return returned([]);
  const held = holdingsOf(session, policy['id']);
  const list = (column: string) => (held.length === 0 ? null : held.map((row) => row[column]).join(','));
  return returned([{ ...policy, users: list('user_id'), coupons: list('id'), sequences: list('sequence_no') }]);
};

export const selectCoupon = (text: string): Run => {
  const locks = text.includes('for no key update');
  return async (session, [given]) => {
    const id = BigInt(given as string);
    const has = session.server.tables.coupons.has(id);
    if (locks && has) await lockRow(session, 'coupon', id);
    return returned(has ? [{}] : []);
  };
};

export const lockCoupons =
  (text: string): Run =>
  async (session, values) => {
    const { tables } = session.server;
    const found = couponsOf(tables, values).filter((id) => tables.coupons.has(id));
    for (const id of text.includes('order by i.id') ? sorted(found) : found) await lockRow(session, 'coupon', id);
    return returned(found.map((id) => ({ id })));
  };

export const loadCoupons: Run = ({ server: { tables } }, values) =>
  returned(
    couponsOf(tables, values).flatMap((id) => {
      const coupon = tables.coupons.get(id);
      const policy = coupon && tables.policies.get(coupon['policy_id'] as bigint);
      const terms = { eligible_store_id: policy?.['store_id'], effective_version: policy?.['terms_version'] };
      return coupon ? [{ ...policy, ...coupon, ...terms }] : [];
    }),
  );

const SLOT_AFTER = "case when new.status = 'CANCELLED' then null else i.slot end";

export function updateCoupons(text: string): Run {
  const assignments = assignmentsIn(between(text, ' set ', ' from unnest'));
  const arrays = arraysIn(text);
  return async (session, values) => {
    const rows = rowsOf(arrays, values);
    for (const row of rows) {
      const id = BigInt(row['id'] as string);
      await lockRow(session, 'coupon', id);
      const slot = session.server.tables.coupons.get(id)?.['slot'];
      const other = (text: string) => (text === SLOT_AFTER && row['status'] === 'CANCELLED' ? null : slot);
      const changed = assigned(COUPONS, assignments, values, row, other);
      session.transaction.writes.push(({ coupons }) => coupons.set(id, { ...coupons.get(id), ...changed }));
    }
    return written(rows.length);
  };
}

export function insertHistory(text: string): Run {
  const columns = between(text, ' (', ')').split(', ');
  const arrayParameters = [...between(text, 'unnest(', ')').matchAll(/\$(\d+)/g)].map(([, index]) => Number(index) - 1);
  const shared = [...between(text, 'select *', ' from ').matchAll(/\$(\d+)/g)].map(([, index]) => Number(index) - 1);
  const inArrays = columns.slice(0, arrayParameters.length);
  const batch = shared[columns.indexOf('group_id') - inArrays.length] ?? -1;
  const arrays = new Map(inArrays.map((column, place) => [column, arrayParameters[place] ?? -1]));
  return async ({ server, transaction }, values) => {
    const rows = rowsOf(arrays, values);
    for (const row of rows) {
      const place = `${row['coupon_id']} ${row['version']}`;
      await server.lock(transaction, `history ${place}`);
      if (server.tables.history.has(place)) throw serverError('23505', 'coupon_history_pkey');
      transaction.writes.push(({ history }) => history.set(place, BigInt(values[batch] as string)));
    }
    return written(rows.length);
  };
}

export const isInHistory: Run = ({ server }, [couponId, version, groupId]) =>
  returned(server.tables.history.get(`${couponId} ${version}`) === groupId ? [{}] : []);
