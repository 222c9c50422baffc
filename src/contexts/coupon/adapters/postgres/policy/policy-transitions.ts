import { insertEvents, type OutboxBatch } from '../../../../../platform/events/outbox.ts';
import type { IdSource } from '../../../../../platform/kernel/ids.ts';
import { batchTransaction, type Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { RowOf } from '../../../../../platform/postgres/table-mapping.ts';
import type { PolicyOfEvents } from '../../../application/policy/ports.ts';
import type { PolicyStatus } from '../../../domain/enumerations.ts';
import { lockPolicy } from './lock-policy.ts';
import { DUE_POLICY, TRANSITION } from './policy-mappings.ts';

// A new epoch invalidates the refusal caches of all nodes. The version counts changes of the terms, so it stays.
const UPDATE_STATUSES = `
  update coupon.coupon_policies p
  set status = new.status, refusal_epoch = p.refusal_epoch + 1, updated_at = $3::timestamptz
  from unnest($1::bigint[], $2::text[]) new(id, status)
  where p.id = new.id`;

const INSERT_CHANGES = `
  insert into coupon.coupon_policy_changes (${TRANSITION.insertColumns})
  select ${TRANSITION.insertValues()} from unnest(${TRANSITION.arrays()}) new(${TRANSITION.names})`;

const IS_RECORDED = 'select 1 from coupon.coupon_policy_changes where id = $1';

export type DuePolicy = ReturnType<typeof DUE_POLICY.read>;

export interface TransitionDeps {
  readonly database: Database;
  readonly nextId: IdSource;
  /** Builds the events of a policy's new status. */
  readonly eventsOf: (policy: PolicyOfEvents, status: PolicyStatus) => readonly OutboxBatch[];
  /** Called after a commit that wrote events. */
  readonly onEvents: () => void;
}

/** Transitions of many policies for one cause. */
export interface Transitions {
  /** Selects and locks the policies, ordered by id, with the columns of DUE_POLICY. */
  readonly lock: Statement;
  /** What caused them, for the record of changes. */
  readonly changedBy: string;
  readonly to: (policy: DuePolicy) => { readonly status: PolicyStatus; readonly reason: string };
  /** The time of the change; absent = the database's time. */
  readonly now?: Date;
}

/** A transition of a policy, and the id of its change record. */
interface Transition {
  readonly changeId: bigint;
  readonly policy: DuePolicy;
  readonly status: PolicyStatus;
  readonly reason: string;
}

/** Applies transitions in one transaction, with their records and events. Returns the ids of the policies. */
export async function applyTransitions(
  { database, nextId, eventsOf, onEvents }: TransitionDeps,
  { lock, changedBy, to, now }: Transitions,
): Promise<readonly bigint[]> {
  const transitions = await batchTransaction(database, {
    load: [lock],
    decide: ([locked], nowMs) => {
      const rows: readonly RowOf<typeof DUE_POLICY>[] = locked?.rows ?? [];
      const result = rows.map((row): Transition => {
        const policy = DUE_POLICY.read(row);
        return { changeId: nextId(), policy, ...to(policy) };
      });
      if (result.length === 0) return { writes: [], result };
      const events = result.flatMap(({ policy, status }) => eventsOf(forEvents(policy), status));
      const changedAt = now ?? new Date(nowMs);
      return { writes: [...writesOf(result, { changedBy, changedAt }), ...insertEvents(nextId(), events)], result };
    },
    async wasCommitted(client, [first]) {
      if (!first) return true;
      await lockPolicy(client, first.policy.id);
      return (await client.query(IS_RECORDED, [first.changeId])).rowCount === 1;
    },
  });
  if (transitions.length > 0) onEvents();
  return transitions.map(({ policy }) => policy.id);
}

function writesOf(
  transitions: readonly Transition[],
  cause: { readonly changedBy: string; readonly changedAt: Date },
): Statement[] {
  const ids = transitions.map(({ policy }) => String(policy.id));
  const statuses = transitions.map(({ status }) => status);
  const changes = transitions.map(({ changeId, policy: { id, version, maxIssueCount }, status, reason }) => ({
    id: changeId,
    policyId: id,
    reason,
    version,
    maxIssueCount,
    status,
  }));
  return [
    { name: 'policies-turn', text: UPDATE_STATUSES, values: [ids, statuses, cause.changedAt] },
    { name: 'policies-note', text: INSERT_CHANGES, values: TRANSITION.values(changes, cause) },
  ];
}

const forEvents = ({ id, name, storeId, validFrom, validUntil }: DuePolicy): PolicyOfEvents => ({
  id,
  name,
  storeId,
  validFromMs: validFrom.getTime(),
  validUntilMs: validUntil.getTime(),
});
