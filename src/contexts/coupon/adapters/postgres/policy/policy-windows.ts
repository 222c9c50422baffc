import { insertEvents, type OutboxBatch } from '../../../../../platform/events/outbox.ts';
import type { IdSource } from '../../../../../platform/kernel/ids.ts';
import { batchTransaction, type Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { RowOf } from '../../../../../platform/postgres/table-mapping.ts';
import type { PolicyOfEvents, PolicyWindows } from '../../../application/policy/ports.ts';
import type { PolicyStatus } from '../../../domain/enumerations.ts';
import { policyStatusAt } from '../../../domain/policy/policy.ts';
import { DUE_POLICY, WINDOW_CHANGE } from './policy-mappings.ts';

// Each half reads the first entry of an index.
const NEXT = `
  select least(
    (select min(valid_from) from coupon.coupon_policies where status = 'PENDING'),
    (select min(valid_until) from coupon.coupon_policies where status <> 'ENDED')) next`;

// Each half reads the start of an index. Sorted, so that all batches lock in the same order. The conditions are
// repeated for rows that were locked by others: they may no longer be due.
const LOCK_DUE = `
  select ${DUE_POLICY.columns('p')}
  from coupon.coupon_policies p
  where p.id = any(array(
      (select id from coupon.coupon_policies
        where status = 'PENDING' and valid_from <= $1::timestamptz order by valid_from limit $2)
      union (select id from coupon.coupon_policies
        where status <> 'ENDED' and valid_until <= $1::timestamptz order by valid_until limit $2)))
    and ((p.status = 'PENDING' and p.valid_from <= $1::timestamptz)
      or (p.status <> 'ENDED' and p.valid_until <= $1::timestamptz))
  order by p.id limit $2 for no key update`;

// A new epoch invalidates the refusal caches of all nodes. The version counts changes of the terms, so it stays.
const UPDATE_STATUSES = `
  update coupon.coupon_policies p
  set status = new.status, refusal_epoch = p.refusal_epoch + 1, updated_at = $3::timestamptz
  from unnest($1::bigint[], $2::text[]) new(id, status)
  where p.id = new.id`;

const INSERT_CHANGES = `
  insert into coupon.coupon_policy_changes (${WINDOW_CHANGE.insertColumns})
  select ${WINDOW_CHANGE.insertValues()} from unnest(${WINDOW_CHANGE.arrays()}) new(${WINDOW_CHANGE.names})`;

const LOCK_ONE = 'select 1 from coupon.coupon_policies where id = $1 for no key update';
const IS_RECORDED = 'select 1 from coupon.coupon_policy_changes where id = $1';

type DuePolicy = ReturnType<typeof DUE_POLICY.read>;

/** A due transition of a policy, and the id of its change record. */
interface DueTransition {
  readonly changeId: bigint;
  readonly policy: DuePolicy;
  readonly to: PolicyStatus;
}

export interface PolicyWindowsDeps {
  readonly database: Database;
  readonly nextId: IdSource;
  /** Builds the events of a policy's new status. */
  readonly eventsOf: (policy: PolicyOfEvents, status: PolicyStatus) => readonly OutboxBatch[];
  /** Called after a commit that wrote events. */
  readonly onEvents: () => void;
}

export function postgresPolicyWindows({ database, nextId, eventsOf, onEvents }: PolicyWindowsDeps): PolicyWindows {
  const eventsIn = (transitions: readonly DueTransition[]): OutboxBatch[] =>
    transitions.flatMap(({ policy, to }) => eventsOf(forEvents(policy), to));
  return {
    async nextAt() {
      const { rows } = await database.pool.query<{ next: Date | null }>(NEXT);
      return rows[0]?.next?.getTime();
    },
    async applyDueTransitions(now, limit) {
      const transitions = await batchTransaction(database, {
        load: [{ name: 'policies-due', text: LOCK_DUE, values: [now, limit] }],
        decide: ([due]) => {
          const rows: readonly RowOf<typeof DUE_POLICY>[] = due?.rows ?? [];
          const result = rows.map((row): DueTransition => {
            const policy = DUE_POLICY.read(row);
            return { changeId: nextId(), policy, to: dueStatus(policy, now) };
          });
          return {
            writes: result.length === 0 ? [] : [...writesOf(result, now), ...insertEvents(nextId(), eventsIn(result))],
            result,
          };
        },
        async wasCommitted(client, [first]) {
          if (!first) return true;
          await client.query(LOCK_ONE, [first.policy.id]);
          return (await client.query(IS_RECORDED, [first.changeId])).rowCount === 1;
        },
      });
      if (transitions.length > 0) onEvents();
      return transitions.map(({ policy }) => policy.id);
    },
  };
}

const dueStatus = ({ status, validFrom, validUntil }: DuePolicy, now: Date): PolicyStatus =>
  policyStatusAt({ status, terms: { validFrom, validUntil } }, now.getTime());

function writesOf(transitions: readonly DueTransition[], now: Date): Statement[] {
  const ids = transitions.map(({ policy }) => String(policy.id));
  const statuses = transitions.map(({ to }) => to);
  const changes = transitions.map(({ changeId, policy: { id, version, maxIssueCount }, to }) => ({
    id: changeId,
    policyId: id,
    reason: to === 'ENDED' ? 'WINDOW_ENDED' : 'WINDOW_OPENED',
    version,
    maxIssueCount,
    status: to,
  }));
  return [
    { name: 'policies-turn', text: UPDATE_STATUSES, values: [ids, statuses, now] },
    { name: 'policies-note', text: INSERT_CHANGES, values: WINDOW_CHANGE.values(changes, { changedAt: now }) },
  ];
}

const forEvents = ({ id, name, storeId, validFrom, validUntil }: DuePolicy): PolicyOfEvents => ({
  id,
  name,
  storeId,
  validFromMs: validFrom.getTime(),
  validUntilMs: validUntil.getTime(),
});
