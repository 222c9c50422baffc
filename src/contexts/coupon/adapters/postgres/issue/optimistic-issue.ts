import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { PostgresBatchDeps } from '../../../../../platform/batching/postgres-batches.ts';
import { insertOutboxFrom, outboxValues } from '../../../../../platform/events/outbox.ts';
import { exponentialBackoff } from '../../../../../platform/kernel/exponential-backoff.ts';
import { isOnTime } from '../../../../../platform/postgres/database-time.ts';
import { violates } from '../../../../../platform/postgres/failures.ts';
import { loneStatement } from '../../../../../platform/postgres/lone-statement.ts';
import type { IssuedBatch, KeyedIssueCommand } from '../../../application/issue/ports.ts';
import type {
  IssuablePolicy,
  IssueCommand,
  IssueDecision,
  IssueSnapshot,
  NewCoupon,
} from '../../../domain/issue/issue.ts';
import { isCouponThere } from './is-coupon-there.ts';
import { couponOfOnePolicy, EXPECTED_POLICY, ONE_POLICY_COUNT } from './issue-mappings.ts';

/** A policy as last committed, with the columns that only the guard of the statement compares. */
export interface CommittedPolicy {
  readonly policy: IssuablePolicy;
  /** Version of the terms. */
  readonly version: number;
  /** The highest earlier limit per user; 0: the limit was never changed. */
  readonly formerPerUser: number;
  /**
   * Increases when a node gives up on a statement whose response was lost: that statement then fails, however late it
   * starts.
   */
  readonly fence: number;
}

const COUPON = couponOfOnePolicy('counted');

// The parameters are those of the expected policy, of its new count, the time of the decision, those of the coupons and
// those of the events.
const COUNT_FIRST = 1 + EXPECTED_POLICY.parameters;
const DECIDED_AT = COUNT_FIRST + ONE_POLICY_COUNT.parameters;
const COUPONS_FIRST = DECIDED_AT + 1;
const EVENTS_FIRST = COUPONS_FIRST + COUPON.parameters;

/**
 * Has no effect unless the policy's row is what the decision read. The lock comes first: the row is compared after no
 * other transaction holds it, and the time is read after that. The inserts take their row from the update, so without
 * it they insert nothing. A user who holds a coupon violates coupon_issues_holding: under a limit that was always 1
 * each coupon is in slot 0. After a higher limit a coupon may be in another slot, and that index does not refuse slot
 * 0.
 */
const ISSUE = `
  with policy as materialized (
    select id from coupon.coupon_policies
    where ${EXPECTED_POLICY.conditions()} and max_issue_per_user = 1 and former_issue_per_user <= 1
    for no key update
  ), counted as (
    update coupon.coupon_policies p
    set ${ONE_POLICY_COUNT.assignments('', COUNT_FIRST)}
    from policy
    where p.id = policy.id and ${isOnTime(`$${DECIDED_AT}`)}
    returning p.id, p.terms_version
  ), coupons as (
    insert into coupon.coupon_issues (${COUPON.insertColumns})
    select ${COUPON.insertValues('new.', COUPONS_FIRST)}
    from counted cross join unnest(${COUPON.arrays(COUPONS_FIRST)}) new(${COUPON.names})
  )
  ${insertOutboxFrom('counted', EVENTS_FIRST)}`;

/** The unique index of user, policy and slot. */
const HOLDING_KEY = 'coupon_issues_holding';

const FENCE = 'update coupon.coupon_policies set fence = fence + 1 where id = $1';

/** After a failure the policy is issued under its lock for this long, and for twice as long after each further one. */
const BACK_OFF = { firstMs: 100, maxMs: 30_000, factor: 2 } as const;
/** Policies cached: about 1 kB each. */
const POLICIES_MAX = 1_000;

interface CachedPolicy extends CommittedPolicy {
  failures: number;
  /** By performance.now(). */
  lockedUntilMs: number;
  isInFlight: boolean;
}

/** Issues a batch by one statement, decided on the last committed state that this node has cached. */
export interface OptimisticIssuer {
  /** Resolves with undefined when the batch has to be issued under the policy's lock; then nothing was written. */
  issue(
    commands: readonly KeyedIssueCommand[],
    decide: (snapshot: IssueSnapshot, nowMs: number, newCommands: readonly IssueCommand[]) => IssueDecision,
  ): Promise<IssuedBatch | undefined>;
  /** Caches what a transaction has just committed. */
  recordCommitted(policies: Iterable<CommittedPolicy>): void;
}

/**
 * Only for policies whose limit per user was always 1: then only the policy's row and the unique index matter. A batch
 * with a refusal is left to the lock, so that no refusal is based on a cached state.
 */
export function optimisticIssuer({
  database,
  nextId,
  eventsOf,
}: PostgresBatchDeps<IssueDecision, IssueSnapshot>): OptimisticIssuer {
  const cached = new LRUCache<bigint, CachedPolicy>({ max: POLICIES_MAX });

  function candidateFor(commands: readonly KeyedIssueCommand[]): CachedPolicy | undefined {
    const [first] = commands;
    const entry = first && cached.get(first.policyId);
    if (entry?.policy.maxIssuePerUser !== 1 || entry.formerPerUser > 1 || entry.isInFlight) return undefined;
    if (performance.now() < entry.lockedUntilMs) return undefined;
    return commands.every((command) => command.policyId === entry.policy.id && isPlain(command)) ? entry : undefined;
  }

  function backOff(entry: CachedPolicy): void {
    entry.failures += 1;
    entry.lockedUntilMs = performance.now() + exponentialBackoff(entry.failures, BACK_OFF);
  }

  return {
    async issue(commands, decide) {
      const entry = candidateFor(commands);
      if (!entry) return undefined;
      const { policy } = entry;
      const outboxId = nextId();
      const decidedAtMs = database.time.estimate();
      const snapshot = snapshotOf(policy);
      const decision = decide(snapshot, database.time.presentAt(decidedAtMs), commands);
      const [changed] = decision.changed;
      const [first] = decision.issued;
      if (!changed || !first || decision.issued.length < commands.length) return undefined;
      entry.isInFlight = true;
      try {
        const events = outboxValues(outboxId, eventsOf(decision, snapshot));
        const values = [
          ...EXPECTED_POLICY.values([], { ...policy, version: entry.version, fence: entry.fence }),
          ...ONE_POLICY_COUNT.values([], changed),
          decidedAtMs,
          ...COUPON.values(decision.issued, { issuedAtMs: first.issuedAtMs }),
          ...events,
        ];
        const statement = { name: 'issue-optimistic', text: ISSUE, values };
        const isDone = await loneStatement(database, statement, (client) => wasIssued(client, first));
        if (isDone) {
          entry.failures = 0;
          Object.assign(entry, { policy: changed });
          return { decision, snapshot, outcomes: decision.outcomes, path: 'optimistic' };
        }
        backOff(entry);
        return undefined;
      } catch (error) {
        backOff(entry);
        // Other unique indexes are violated only by wrong ids or counters: that must not look like a user's second coupon.
        if (violates(error, HOLDING_KEY)) return undefined;
        throw error;
      } finally {
        entry.isInFlight = false;
      }
    },
    recordCommitted(policies) {
      for (const { policy, version, formerPerUser, fence } of policies) {
        const entry = cached.peek(policy.id) ?? { failures: 0, lockedUntilMs: 0, isInFlight: false };
        cached.set(policy.id, Object.assign(entry, { policy, version, formerPerUser, fence }));
      }
    },
  };
}

/** A command to which only the limits of the user and the policy apply. */
const isPlain = ({ code, eventId, idempotency }: KeyedIssueCommand): boolean =>
  code === undefined && eventId === undefined && idempotency === undefined;

/** Assumes that no user of the batch holds a coupon. If one does, the unique index rejects the statement. */
const snapshotOf = (policy: IssuablePolicy): IssueSnapshot => ({
  policies: new Map([[policy.id, policy]]),
  holdings: () => [],
  claim: () => undefined,
});

/**
 * Returns whether the batch was issued. The statement may not have started yet, so if its coupons are missing the fence
 * is raised in the same transaction: the statement then finds another row than it expects.
 */
async function wasIssued(client: pg.ClientBase, coupon: NewCoupon): Promise<boolean> {
  if (await isCouponThere(client, coupon)) return true;
  await client.query(FENCE, [coupon.policyId]);
  return false;
}
