import { ids, lockRow, type Run, returned, type Session, sorted, written } from './session.ts';
import { arraysIn, assigned, assignmentsIn, between, rowsOf } from './sql.ts';
import { POLICIES, type Row } from './tables.ts';

/** As committed when the statement starts; a locked row is read again when the lock is there. */
export function selectPolicies(text: string): Run {
  const ofCoupons = text.includes('select policy_id from coupon.coupon_issues');
  const locks = text.includes('for no key update');
  const isSorted = text.includes('order by p.id');
  const isOne = text.includes('id = $1');
  return async (session, [given]) => {
    const { policies, coupons } = session.server.tables;
    const named = isOne ? [BigInt(given as string)] : ids(given);
    const of = ofCoupons ? [...new Set(named.map((id) => coupons.get(id)?.['policy_id'] as bigint))] : named;
    const found = (isSorted ? sorted(of) : of).filter((id) => policies.has(id));
    const atStart = found.map((id) => policies.get(id));
    if (!locks) return returned(atStart);
    for (const id of found) await lockRow(session, 'policy', id);
    return returned(found.map((id) => policies.get(id)));
  };
}

/** Drizzle reads rows as arrays. */
export function selectModel(text: string): Run {
  const columns = [...between(text, 'select ', ' from ').matchAll(/"(\w+)"/g)].map(([, column = '']) => column);
  const locks = text.includes('for no key update');
  return async (session, [given]) => {
    const id = BigInt(given as string);
    if (locks) await lockRow(session, 'policy', id);
    const row = session.server.tables.policies.get(id);
    return returned(row ? [columns.map((column) => row[column])] : []);
  };
}

export function changePolicy({ transaction }: Session, id: bigint, changed: Row): void {
  transaction.writes.push(({ policies }) => policies.set(id, { ...policies.get(id), ...changed }));
}

export function updatePolicies(text: string): Run {
  const assignments = assignmentsIn(between(text, ' set ', ' from unnest'));
  const arrays = arraysIn(text);
  return async (session, values) => {
    const rows = rowsOf(arrays, values);
    for (const row of rows) {
      const id = BigInt(row['id'] as string);
      await lockRow(session, 'policy', id);
      changePolicy(session, id, assigned(POLICIES, assignments, values, row));
    }
    return written(rows.length);
  };
}

export function updateModel(text: string): Run {
  const assignments = assignmentsIn(between(text, ' set ', ' where '));
  return async (session, values) => {
    const id = BigInt(values.at(-1) as string);
    await lockRow(session, 'policy', id);
    changePolicy(session, id, assigned(POLICIES, assignments, values));
    return written(1);
  };
}

/** Raises the fence of ADR 29. */
export const raiseFence: Run = async (session, [given]) => {
  const id = BigInt(given as string);
  await lockRow(session, 'policy', id);
  const fence = Number(session.server.tables.policies.get(id)?.['fence']) + 1;
  changePolicy(session, id, { fence });
  return written(1);
};
