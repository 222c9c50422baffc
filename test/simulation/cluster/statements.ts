import { fromMultirange, toMultirange } from '../../../src/platform/postgres/event-ids.ts';
import {
  arraysIn,
  assigned,
  assignmentsIn,
  between,
  conditionsIn,
  elements,
  fits,
  insertIn,
  rowsOf,
} from './sql.ts';
import { COUPONS, POLICIES, type Row } from './tables.ts';
import { type Server, serverError, type Transaction } from './transactions.ts';

export interface Result {
  readonly command: string;
  readonly rows: readonly unknown[];
  readonly rowCount: number;
}

/** What a statement runs in. */
export interface Session {
  readonly server: Server;
  readonly transaction: Transaction;
  /** The database's clock. */
  readonly nowMs: () => number;
}

type Run = (session: Session, values: readonly unknown[]) => Result | Promise<Result>;
type Compile = (text: string) => Run;

const returned = (rows: readonly unknown[]): Result => ({ command: 'SELECT', rows, rowCount: rows.length });
const written = (rowCount: number): Result => ({ command: 'UPDATE', rows: [], rowCount });

const lockRow = ({ server, transaction }: Session, table: string, id: unknown): Promise<void> =>
  server.lock(transaction, `${table} ${id}`);
const ids = (value: unknown): bigint[] => elements(value).map((id) => BigInt(id as string));

const sorted = (list: readonly bigint[]): readonly bigint[] => [...list].sort((a, b) => (a < b ? -1 : 1));

/** As committed when the statement starts; a locked row is read again when the lock is there. */
function selectPolicies(text: string): Run {
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
function selectModel(text: string): Run {
  const columns = [...between(text, 'select ', ' from ').matchAll(/"(\w+)"/g)].map(([, column = '']) => column);
  const locks = text.includes('for no key update');
  return async (session, [given]) => {
    const id = BigInt(given as string);
    if (locks) await lockRow(session, 'policy', id);
    const row = session.server.tables.policies.get(id);
    return returned(row ? [columns.map((column) => row[column])] : []);
  };
}

function changePolicy({ transaction }: Session, id: bigint, changed: Row): void {
  transaction.writes.push(({ policies }) => policies.set(id, { ...policies.get(id), ...changed }));
}

function updatePolicies(text: string): Run {
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

function updateModel(text: string): Run {
  const assignments = assignmentsIn(between(text, ' set ', ' where '));
  return async (session, values) => {
    const id = BigInt(values.at(-1) as string);
    await lockRow(session, 'policy', id);
    changePolicy(session, id, assigned(POLICIES, assignments, values));
    return written(1);
  };
}

/** The unique indexes: a key that another transaction is writing has to be waited for. */
async function insertCoupon(session: Session, row: Row): Promise<void> {
  const { server, transaction } = session;
  const keys: [string, (other: Row) => boolean][] = [
    ['coupon_issues_sequence', (other) => other['sequence_no'] === row['sequence_no']],
    ['coupon_issues_holding', (other) => other['user_id'] === row['user_id'] && other['slot'] === row['slot']],
  ];
  const values = { coupon_issues_sequence: row['sequence_no'], coupon_issues_holding: `${row['user_id']} ${row['slot']}` };
  for (const [name, isEqual] of keys) {
    await server.lock(transaction, `${name} ${row['policy_id']} ${values[name as keyof typeof values]}`);
    for (const other of server.tables.coupons.values()) {
      if (other['policy_id'] === row['policy_id'] && isEqual(other)) throw serverError('23505', name);
    }
  }
  transaction.writes.push(({ coupons }) => coupons.set(row['id'] as bigint, row));
}

function insertCoupons(text: string): Run {
  const assignments = insertIn(text);
  const arrays = arraysIn(text);
  return async (session, values) => {
    const rows = rowsOf(arrays, values);
    for (const row of rows) await insertCoupon(session, { ...COUPONS.defaults, ...assigned(COUPONS, assignments, values, row) });
    return written(rows.length);
  };
}

const ON_TIME = /clock_timestamp\(\)\) \* 1000 - \$(\d+)::float8\) <= (\d+)/;

/** The statement of ADR 29. Without its lock, the row is compared as it was when the statement began. */
function issueOptimistically(text: string): Run {
  const condition = between(text, ' where ', ' for no key update', ' ), counted');
  const conditions = conditionsIn(condition);
  const perUser = [...condition.matchAll(/(max_issue_per_user|former_issue_per_user) (=|<=) (\d+)/g)];
  const isLocked = text.includes('for no key update');
  const time = ON_TIME.exec(text);
  const update = assignmentsIn(between(text, 'coupon.coupon_policies p set ', ' from policy'));
  const insert = insertIn(between(text, 'coupons as ( insert into coupon.coupon_issues', ' ) insert into platform.outbox'));
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

function putOutbox({ transaction, nowMs }: Session, [id, , payload, events]: readonly unknown[]): void {
  const row = { id: BigInt(id as string), xid: transaction.id, payload: String(payload), events: Number(events), createdAtMs: nowMs() };
  transaction.writes.push(({ outbox }) => outbox.set(row.id, row));
}

const holdingsOf = ({ server }: Session, policyId: unknown): Row[] =>
  [...server.tables.coupons.values()].filter((row) => row['policy_id'] === policyId && row['slot'] !== null);

const loadHoldings: Run = (session, [policyIds, userIds]) => {
  const users = ids(userIds);
  return returned(
    ids(policyIds).flatMap((policyId, place) =>
      holdingsOf(session, policyId).filter((row) => row['user_id'] === users[place]),
    ),
  );
};

const loadHolders: Run = (session, [id, max]) => {
  const policy = session.server.tables.policies.get(BigInt(id as string));
  if (!policy || Number(policy['current_issue_count']) > Number(max)) return returned([]);
  const held = holdingsOf(session, policy['id']);
  const list = (column: string) => (held.length === 0 ? null : held.map((row) => row[column]).join(','));
  return returned([{ ...policy, users: list('user_id'), coupons: list('id'), sequences: list('sequence_no') }]);
};

const selectCoupon = (text: string): Run => {
  const locks = text.includes('for no key update');
  return async (session, [given]) => {
    const id = BigInt(given as string);
    const has = session.server.tables.coupons.has(id);
    if (locks && has) await lockRow(session, 'coupon', id);
    return returned(has ? [{}] : []);
  };
};

const lockCoupons =
  (text: string): Run =>
  async (session, [given]) => {
    const found = ids(given).filter((id) => session.server.tables.coupons.has(id));
    for (const id of text.includes('order by i.id') ? sorted(found) : found) await lockRow(session, 'coupon', id);
    return returned(found.map((id) => ({ id })));
  };

const loadCoupons: Run = ({ server: { tables } }, [given]) =>
  returned(
    ids(given).flatMap((id) => {
      const coupon = tables.coupons.get(id);
      const policy = coupon && tables.policies.get(coupon['policy_id'] as bigint);
      const terms = { eligible_store_id: policy?.['store_id'], effective_version: policy?.['terms_version'] };
      return coupon ? [{ ...policy, ...coupon, ...terms }] : [];
    }),
  );

const SLOT_AFTER = "case when new.status = 'CANCELLED' then null else i.slot end";

function updateCoupons(text: string): Run {
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

function insertHistory(text: string): Run {
  const columns = between(text, ' (', ')').split(', ');
  const arrayParameters = [...between(text, 'unnest(', ')').matchAll(/\$(\d+)/g)].map(([, index]) => Number(index) - 1);
  const shared = [...between(text, 'select *', ' from ').matchAll(/\$(\d+)/g)].map(([, index]) => Number(index) - 1);
  const inArrays = columns.slice(0, arrayParameters.length);
  const batch = shared[columns.indexOf('group_id') - inArrays.length] ?? -1;
  const arrays = new Map(inArrays.map((column, place) => [column, arrayParameters[place] ?? -1]));
  return ({ transaction }, values) => {
    const rows = rowsOf(arrays, values);
    for (const row of rows) {
      transaction.writes.push(({ history }) =>
        history.set(`${row['coupon_id']} ${row['version']}`, BigInt(values[batch] as string)),
      );
    }
    return written(rows.length);
  };
}

const isInHistory: Run = ({ server }, [couponId, version, groupId]) =>
  returned(server.tables.history.get(`${couponId} ${version}`) === groupId ? [{}] : []);

const readOutbox = (text: string): Run => {
  const isBounded = text.includes('o.xid < pg_snapshot_xmin(pg_current_snapshot())');
  return ({ server, nowMs }, [xid, id, , limit]) => {
  const horizon = isBounded ? server.horizon() : Number.POSITIVE_INFINITY;
  const rows = [...server.tables.outbox.values()]
    .filter((row) => row.xid < horizon)
    .filter((row) => row.xid > Number(xid) || (row.xid === Number(xid) && row.id > BigInt(id as string)))
    .sort((a, b) => a.xid - b.xid || Number(a.id - b.id))
    .slice(0, Number(limit));
  return returned(
    rows.map(({ createdAtMs, ...row }) => ({
      ...row,
      id: String(row.id),
      xid: String(row.xid),
      created_at: new Date(createdAtMs),
      age_seconds: (nowMs() - createdAtMs) / 1_000,
    })),
  );
  };
};

const deleteOutbox: Run = ({ transaction }, [given]) => {
  for (const id of ids(given)) transaction.writes.push(({ outbox }) => outbox.delete(id));
  return written(ids(given).length);
};

const claimEvents: Run = async (session, [consumer, sources, ranges]) => {
  const { server, transaction } = session;
  const rows: Row[] = [];
  for (const [place, source] of elements(sources).entries()) {
    const key = `${consumer} ${source}`;
    await server.lock(transaction, `inbox ${key}`);
    const seen = server.tables.inbox.get(key) ?? new Set();
    const given = fromMultirange(String(elements(ranges)[place]));
    const fresh = given.filter((index) => !seen.has(index));
    if (fresh.length === 0) continue;
    transaction.writes.push(({ inbox }) => inbox.set(key, new Set([...(inbox.get(key) ?? []), ...fresh])));
    rows.push({ source, claimed: toMultirange(fresh) });
  }
  return returned(rows);
};

/** The consumer of the simulation: adds up the events of each coupon. */
export const COUNT_EFFECTS = 'insert into simulation.effects select unnest($1::text[])';
const countEffects: Run = ({ transaction }, [coupons]) => {
  for (const coupon of elements(coupons)) {
    transaction.writes.push(({ effects }) => effects.set(String(coupon), (effects.get(String(coupon)) ?? 0) + 1));
  }
  return written(elements(coupons).length);
};

/** By what is in their text; the first one that fits. */
const STATEMENTS: readonly (readonly [pattern: RegExp, compile: Compile])[] = [
  [/^select clock_timestamp\(\)/, () => ({ nowMs }) => returned([{ now: new Date(nowMs()) }])],
  [/^select pg_logical_emit_message/, () => ({ transaction }) => {
    transaction.isConfirmed = true;
    return returned([{}]);
  }],
  [/^with policy as materialized/, issueOptimistically],
  [/^with gone as/, () => deleteOutbox],
  [/^insert into platform.inbox/, () => claimEvents],
  [/^insert into platform.outbox/, () => (session, values) => {
    putOutbox(session, values);
    return written(1);
  }],
  [/^insert into coupon.coupon_issues/, insertCoupons],
  [/^insert into coupon.coupon_history/, insertHistory],
  [/^insert into "coupon"."coupon_policy_changes"/, () => () => written(1)],
  [/^insert into simulation.effects/, () => countEffects],
  [/^update coupon.coupon_policies set fence = fence \+ 1/, () => async (session, [given]) => {
    const id = BigInt(given as string);
    await lockRow(session, 'policy', id);
    const fence = Number(session.server.tables.policies.get(id)?.['fence']) + 1;
    changePolicy(session, id, { fence });
    return written(1);
  }],
  [/^update coupon.coupon_policies p/, updatePolicies],
  [/^update "coupon"."coupon_policies"/, updateModel],
  [/^update coupon.coupon_issues/, updateCoupons],
  [/string_agg\(i.user_id/, () => loadHolders],
  [/wanted\(policy_id, user_id\)/, () => loadHoldings],
  [/^select i.id from coupon.coupon_issues i/, lockCoupons],
  [/from coupon.coupon_issues i join coupon.coupon_policies p/, () => loadCoupons],
  [/^select 1 from coupon.coupon_issues/, selectCoupon],
  [/^select 1 from coupon.coupon_history/, () => isInHistory],
  [/from coupon.coupon_reservations/, () => () => returned([])],
  [/from platform.outbox/, readOutbox],
  [/from "coupon"."coupon_policies"/, selectModel],
  [/from coupon.coupon_policies/, selectPolicies],
];

const compiled = new Map<string, Run>();

/** Runs a statement. Rejects with the errors of PostgreSQL. */
export function execute(session: Session, text: string, values: readonly unknown[]): Result | Promise<Result> {
  let run = compiled.get(text);
  if (!run) {
    const normalized = text.replace(/\s+/g, ' ').trim();
    const found = STATEMENTS.find(([pattern]) => pattern.test(normalized));
    if (!found) throw new Error(`a statement that the simulation does not know: ${normalized}`);
    run = found[1](normalized);
    compiled.set(text, run);
  }
  return run(session, values);
}
