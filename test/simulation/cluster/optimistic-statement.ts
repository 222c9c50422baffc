import { insertCoupon } from './coupon-statements.ts';
import { putOutbox } from './event-statements.ts';
import { changePolicy } from './policy-statements.ts';
import { lockRow, type Run, written } from './session.ts';
import { arraysIn, assigned, assignmentsIn, between, conditionsIn, fits, insertIn, rowsOf } from './sql.ts';
import { COUPONS, POLICIES, type Row } from './tables.ts';

const ON_TIME = /clock_timestamp\(\)\) \* 1000 - \$(\d+)::float8\) <= (\d+)/;

/** The statement of ADR 29. Without its lock, the row is compared as it was when the statement began. */
export function issueOptimistically(text: string): Run {
  const condition = between(text, ' where ', ' for no key update', ' ), counted');
  const conditions = conditionsIn(condition);
  const perUser = [...condition.matchAll(/(max_issue_per_user|former_issue_per_user) (=|<=) (\d+)/g)];
  const isLocked = text.includes('for no key update');
  const time = ON_TIME.exec(text);
  const update = assignmentsIn(between(text, 'coupon.coupon_policies p set ', ' from policy'));
  const insert = insertIn(
    between(text, 'coupons as ( insert into coupon.coupon_issues', ' ) insert into platform.outbox'),
  );
  const isCounted = text.includes('from counted cross join unnest(');
  const arrays = arraysIn(text);
  const outboxFirst = Number(/select \$(\d+)::bigint, \$\d+::text\[\]/.exec(text)?.[1]) - 1;
  return async (session, values) => {
    const { policies } = session.server.tables;
    const id = BigInt(values[conditions.find(({ column }) => column === 'id')?.index ?? 0] as string);
    const matches = (row: Row | undefined): row is Row =>
      row !== undefined &&
      fits(POLICIES, conditions, values, row) &&
      perUser.every(([, column = '', operator, limit]) =>
        operator === '=' ? row[column] === Number(limit) : Number(row[column]) <= Number(limit),
      );
    let policy = policies.get(id);
    if (!matches(policy)) return written(0);
    await lockRow(session, 'policy', id);
    policy = policies.get(id);
    if (isLocked && !matches(policy)) return written(0);
    const isLate = time && Math.abs(session.nowMs() - Number(values[Number(time[1]) - 1])) > Number(time[2]);
    if (isLate && isCounted) return written(0);
    if (!isLate) changePolicy(session, id, assigned(POLICIES, update, values));
    const other = (text: string) => (text === 'counted.id' ? id : policy?.[text.replace('counted.', '')]);
    for (const row of rowsOf(arrays, values)) {
      await insertCoupon(session, { ...COUPONS.defaults, ...assigned(COUPONS, insert, values, row, other) });
    }
    putOutbox(session, values.slice(outboxFirst));
    return written(1);
  };
}
