import type pg from 'pg';
import {
  type PostgresBatchDeps,
  postgresBatches,
  type RowsOf,
} from '../../../../../platform/batching/postgres-batches.ts';
import { arrayLiteral } from '../../../../../platform/postgres/array-literal.ts';
import type { Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { RowOf } from '../../../../../platform/postgres/table-mapping.ts';
import type { Holders, IssueStore } from '../../../application/issue/ports.ts';
import {
  type Claim,
  claimKey,
  type Holding,
  type IssuablePolicy,
  type IssueCommand,
  type IssueDecision,
  type IssueSnapshot,
  type NamedCoupon,
} from '../../../domain/issue/issue.ts';
import { isCouponThere } from './is-coupon-there.ts';
import {
  CLAIM,
  CLAIMING_COUPON,
  HOLDING,
  ISSUABLE_POLICY,
  NEW_COUPON,
  POLICY_COUNT,
  POLICY_GUARD,
} from './issue-mappings.ts';
import { type CommittedPolicy, optimisticIssuer } from './optimistic-issue.ts';

const POLICY_COLUMNS = `${ISSUABLE_POLICY.columns('p')}, ${POLICY_GUARD.columns('p')}`;

// Sorted, so that batches of several nodes take their locks in the same order and cannot deadlock.
const LOCK_POLICIES = `
  select ${POLICY_COLUMNS} from coupon.coupon_policies p where p.id = any($1::bigint[]) order by p.id for no key update`;

// A separate statement: only a statement that starts after the lock sees what its previous holder committed. Rows are
// compared as a whole, because only coupon_issues_holding begins with user_id. With two equalities, PostgreSQL plans an
// empty table without statistics by policy_id alone, and keeps that plan while the policy gets its thousands of coupons
// (650 issues/s instead of 15,000).
const LOAD_HOLDINGS = `
  select ${HOLDING.columns('i')}
  from unnest($1::bigint[], $2::bigint[]) wanted(policy_id, user_id)
  join coupon.coupon_issues i on (i.user_id, i.policy_id) >= (wanted.user_id, wanted.policy_id)
    and (i.user_id, i.policy_id) <= (wanted.user_id, wanted.policy_id) and i.slot is not null`;

// Sent only for batches with such commands: the batches of an opening have none.
const LOAD_CODE_CLAIMS = `
  select ${CLAIM.columns('i')}, i.code, null as event_id
  from coupon.coupon_issues i where i.code = any($1::text[]) and not i.returned`;

const LOAD_EVENT_CLAIMS = `
  select ${CLAIM.columns('i')}, null as code, i.event_id
  from unnest($1::bigint[], $2::bigint[], $3::text[]) wanted(policy_id, user_id, event_id)
  join coupon.coupon_issues i
    on i.policy_id = wanted.policy_id and i.user_id = wanted.user_id and i.event_id = wanted.event_id`;

const INSERT_COUPONS = `
  insert into coupon.coupon_issues (${NEW_COUPON.insertColumns})
  select ${NEW_COUPON.insertValues()} from unnest(${NEW_COUPON.arrays()}) new(${NEW_COUPON.names})`;

const INSERT_CLAIMING = `
  insert into coupon.coupon_issues (${CLAIMING_COUPON.insertColumns})
  select ${CLAIMING_COUPON.insertValues()} from unnest(${CLAIMING_COUPON.arrays()}) new(${CLAIMING_COUPON.names})`;

const UPDATE_POLICIES = `
  update coupon.coupon_policies p
  set ${POLICY_COUNT.assignments()}
  from unnest(${POLICY_COUNT.arrays()}) new(${POLICY_COUNT.names})
  where p.id = new.id`;

// One statement, so that the policy and its holders are of the same moment; one row, so that 100,000 holders are cheap
// to read.
const HOLDERS = `
  select ${POLICY_COLUMNS}, held.users, held.coupons, held.sequences
  from coupon.coupon_policies p, lateral (
    select string_agg(i.user_id::text, ',') users, string_agg(i.id::text, ',') coupons, string_agg(i.sequence_no::text, ',') sequences
    from coupon.coupon_issues i where i.policy_id = p.id and i.slot is not null) held
  where p.id = $1 and p.current_issue_count <= $2`;

export interface IssueStoreOptions {
  /** Issues batches of one policy by one statement where possible (ADR 29). Default false: always under the lock. */
  readonly optimistic?: boolean;
}

export function postgresIssueStore(
  deps: PostgresBatchDeps<IssueDecision, IssueSnapshot>,
  { optimistic = false }: IssueStoreOptions = {},
): IssueStore {
  const { database, onEvents } = deps;
  const optimisticIssue = optimistic ? optimisticIssuer(deps) : undefined;
  const issueUnderLock = postgresBatches<IssueRead, IssueCommand, LockedSnapshot, IssueDecision>(deps, {
    load: issueReads,
    toSnapshot,
    write: issueWrites,
    wasCommitted,
  });
  return {
    issueBatch: async (commands, decide, path = 'optimistic') => {
      const issuedOptimistically = path === 'optimistic' ? await optimisticIssue?.issue(commands, decide) : undefined;
      if (issuedOptimistically) {
        onEvents();
        return issuedOptimistically;
      }
      const issued = await issueUnderLock(commands, decide);
      optimisticIssue?.recordCommitted(committedPolicies(issued.snapshot, issued.decision));
      return { ...issued, path: 'locked' };
    },
    holders: postgresHolders(database),
  };
}

export const postgresHolders =
  ({ pool }: Pick<Database, 'pool'>): IssueStore['holders'] =>
  async (policyId, max) => {
    const { rows } = await pool.query<PolicyRow & HoldersRow>(HOLDERS, [policyId, max]);
    return rows[0] && toHolders(rows[0]);
  };

/** A new coupon is in the batch that inserted it, and in no other. */
async function wasCommitted(client: pg.ClientBase, { issued: [first] }: IssueDecision): Promise<boolean | undefined> {
  return first && (await isCouponThere(client, first));
}

/** The statements of a batch's first round trip: the locks of the policies, then what depends on them. */
export type IssueRead = 'policies' | 'holdings' | 'code claims' | 'event claims';

export function issueReads(commands: readonly IssueCommand[]): Map<IssueRead, Statement> {
  const withCode = commands.filter(({ code }) => code !== undefined);
  const withEvent = commands.filter(({ code, eventId }) => code === undefined && eventId !== undefined);
  const reads = new Map<IssueRead, Statement>();
  reads.set('policies', lockPolicies(commands));
  reads.set('holdings', loadHoldings(commands));
  if (withCode.length > 0) reads.set('code claims', loadCodeClaims(withCode));
  if (withEvent.length > 0) reads.set('event claims', loadEventClaims(withEvent));
  return reads;
}

const loadCodeClaims = (commands: readonly IssueCommand[]): Statement => ({
  name: 'issue-codes',
  text: LOAD_CODE_CLAIMS,
  values: [commands.map(({ code }) => code)],
});

const loadEventClaims = (commands: readonly IssueCommand[]): Statement => ({
  name: 'issue-given',
  text: LOAD_EVENT_CLAIMS,
  values: [
    arrayLiteral(commands.map(({ policyId }) => policyId)),
    arrayLiteral(commands.map(({ userId }) => userId)),
    commands.map(({ eventId }) => eventId),
  ],
});

function lockPolicies(commands: readonly IssueCommand[]): Statement {
  const ids = new Set(commands.map((command) => command.policyId));
  return { name: 'issue-lock', text: LOCK_POLICIES, values: [arrayLiteral([...ids])] };
}

function loadHoldings(commands: readonly IssueCommand[]): Statement {
  const values = [
    arrayLiteral(commands.map((command) => command.policyId)),
    arrayLiteral(commands.map((command) => command.userId)),
  ];
  return { name: 'issue-holdings', text: LOAD_HOLDINGS, values };
}

/** The statements that store a decision; none when nothing was issued. */
export function issueWrites({ issued, changed }: IssueDecision): Statement[] {
  const [first] = issued;
  if (!first) return [];
  const once = { issuedAtMs: first.issuedAtMs };
  const claiming = issued.some((coupon) => claimKey(coupon) !== undefined);
  return [
    claiming
      ? { name: 'issue-insert-claiming', text: INSERT_CLAIMING, values: CLAIMING_COUPON.values(issued, once) }
      : { name: 'issue-insert', text: INSERT_COUPONS, values: NEW_COUPON.values(issued, once) },
    { name: 'issue-count', text: UPDATE_POLICIES, values: POLICY_COUNT.values(changed) },
  ];
}

type PolicyRow = RowOf<typeof ISSUABLE_POLICY> & RowOf<typeof POLICY_GUARD>;
interface PolicyGuard extends Omit<CommittedPolicy, 'policy'> {
  readonly policyId: bigint;
}

/** The state under the locks of the policies. */
interface LockedSnapshot extends IssueSnapshot {
  readonly guards: readonly PolicyGuard[];
}

/** The locked policies, as they are once the decision is committed. */
function committedPolicies({ guards, policies }: LockedSnapshot, { changed }: IssueDecision): CommittedPolicy[] {
  const after = new Map(changed.map((policy) => [policy.id, policy]));
  return guards.flatMap(({ policyId, ...guard }) => {
    const policy = after.get(policyId) ?? policies.get(policyId);
    return policy ? { policy, ...guard } : [];
  });
}

type ClaimRow = RowOf<typeof CLAIM> & { readonly code: string | null; readonly event_id: string | null };

interface HoldersRow extends pg.QueryResultRow {
  users: string | null;
  coupons: string | null;
  sequences: string | null;
}

/** Maps the rows of `issueReads`. */
export function toSnapshot(rowsOf: RowsOf<IssueRead>): LockedSnapshot {
  const claims = new Map([...rowsOf<ClaimRow>('code claims'), ...rowsOf<ClaimRow>('event claims')].map(toClaim));
  const policies = new Map<bigint, IssuablePolicy>();
  const guards = rowsOf<PolicyRow>('policies').map((row): PolicyGuard => {
    const policy = ISSUABLE_POLICY.read(row);
    policies.set(policy.id, policy);
    return POLICY_GUARD.read(row, { policyId: policy.id });
  });
  const held = new Map<string, Map<bigint, Holding>>();
  const holdingKey = (policyId: bigint, userId: bigint) => `${policyId}:${userId}`;
  for (const row of rowsOf<RowOf<typeof HOLDING>>('holdings')) {
    const { policyId, userId, ...holding } = HOLDING.read(row);
    const key = holdingKey(policyId, userId);
    // By coupon: a user with two commands in one batch is joined twice.
    const holdings = held.get(key) ?? new Map<bigint, Holding>();
    held.set(key, holdings.set(holding.couponId, holding));
  }
  const bySequence = (a: Holding, b: Holding) => a.sequenceNo - b.sequenceNo;
  const lists = new Map([...held].map(([key, holdings]) => [key, [...holdings.values()].sort(bySequence)]));
  const none: readonly Holding[] = [];
  return {
    guards,
    policies,
    holdings: (policyId, userId) => (lists.size === 0 ? none : (lists.get(holdingKey(policyId, userId)) ?? none)),
    claim: (command) => (claims.size === 0 ? undefined : claims.get(claimKey(command))),
  };
}

function toClaim(row: ClaimRow): [key: string | undefined, claim: Claim] {
  const { policyId, ...claim } = CLAIM.read(row);
  const [code, eventId] = [row.code ?? undefined, row.event_id ?? undefined];
  return [claimKey({ policyId, userId: claim.userId, code, eventId }), claim];
}

function toHolders(row: PolicyRow & HoldersRow): Holders {
  const [users, coupons, sequences] = [row.users, row.coupons, row.sequences].map((list) => list?.split(',') ?? []);
  const first = new Map<bigint, NamedCoupon>();
  users?.forEach((user, index) => {
    first.set(BigInt(user), { couponId: BigInt(coupons?.[index] ?? 0), sequenceNo: Number(sequences?.[index]) });
  });
  return { policy: ISSUABLE_POLICY.read(row), first };
}
