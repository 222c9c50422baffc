import { INSERT_OUTBOX, outboxValues } from '../../../../../platform/events/outbox.ts';
import type { IdSource } from '../../../../../platform/kernel/ids.ts';
import { batchTransaction, type Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import { type PolicyEventData, statusEvents } from '../../../application/policy/policy-events.ts';
import type { PolicyWindows } from '../../../application/policy/ports.ts';
import { type PolicyStatus, policyStatusAt } from '../../../domain/policy/policy.ts';

// Each half reads the first entry of an index.
const NEXT = `
  select least(
    (select min(valid_from) from coupon.coupon_policies where status = 'PENDING'),
    (select min(valid_until) from coupon.coupon_policies where status <> 'ENDED')) next`;

// Each half reads the start of an index. Sorted, so that all batches lock in the same order. The conditions are
// repeated for rows that were locked by others: they may no longer be due.
const LOCK_DUE = `
  select p.id, p.name, p.store_id, p.status, p.valid_from, p.valid_until, p.version, p.max_issue_count
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
  insert into coupon.coupon_policy_changes (id, policy_id, kind, changed_by, reason, version, max_issue_count, status, changed_at)
  select id, policy_id, 'STATUS', 'clock', reason, version, max_issue_count, status, $7::timestamptz
  from unnest($1::bigint[], $2::bigint[], $3::text[], $4::int[], $5::int[], $6::text[])
    new(id, policy_id, reason, version, max_issue_count, status)`;

const LOCK_ONE = 'select 1 from coupon.coupon_policies where id = $1 for no key update';
const IS_RECORDED = 'select 1 from coupon.coupon_policy_changes where id = $1';

interface DueRow {
  readonly id: bigint;
  readonly name: string;
  readonly store_id: bigint | null;
  readonly status: PolicyStatus;
  readonly valid_from: Date;
  readonly valid_until: Date;
  readonly version: number;
  readonly max_issue_count: number | null;
}

/** A due transition of a policy, and the id of its change record. */
interface DueTransition {
  readonly changeId: bigint;
  readonly row: DueRow;
  readonly to: PolicyStatus;
}

/** `onCommit` is called after a commit that wrote events. */
export function postgresPolicyWindows(database: Database, nextId: IdSource, onCommit: () => void): PolicyWindows {
  return {
    async nextAt() {
      const { rows } = await database.pool.query<{ next: Date | null }>(NEXT);
      return rows[0]?.next?.getTime();
    },
    async applyDueTransitions(now, limit) {
      const transitions = await batchTransaction(database, {
        load: [{ name: 'policies-due', text: LOCK_DUE, values: [now, limit] }],
        decide: ([due]) => {
          const rows: readonly DueRow[] = due?.rows ?? [];
          const result = rows.map((row): DueTransition => ({ changeId: nextId(), row, to: dueStatus(row, now) }));
          return { writes: result.length === 0 ? [] : writesOf(result, now, nextId()), result };
        },
        async wasCommitted(client, [first]) {
          if (!first) return true;
          await client.query(LOCK_ONE, [first.row.id]);
          return (await client.query(IS_RECORDED, [first.changeId])).rowCount === 1;
        },
      });
      if (transitions.length > 0) onCommit();
      return transitions.map(({ row }) => row.id);
    },
  };
}

const dueStatus = ({ status, valid_from: validFrom, valid_until: validUntil }: DueRow, now: Date): PolicyStatus =>
  policyStatusAt({ status, terms: { validFrom, validUntil } }, now.getTime());

function writesOf(transitions: readonly DueTransition[], now: Date, outboxId: bigint): Statement[] {
  const ids = transitions.map(({ row }) => String(row.id));
  const statuses = transitions.map(({ to }) => to);
  const notes = [
    transitions.map(({ changeId }) => String(changeId)),
    ids,
    transitions.map(({ to }) => (to === 'ENDED' ? 'WINDOW_ENDED' : 'WINDOW_OPENED')),
    transitions.map(({ row }) => row.version),
    transitions.map(({ row }) => row.max_issue_count),
    statuses,
    now,
  ];
  const events = transitions.flatMap(({ row, to }) => statusEvents(eventDataOf(row), [to]));
  return [
    { name: 'policies-turn', text: UPDATE_STATUSES, values: [ids, statuses, now] },
    { name: 'policies-note', text: INSERT_CHANGES, values: notes },
    { name: 'outbox', text: INSERT_OUTBOX, values: outboxValues(outboxId, events) },
  ];
}

const eventDataOf = (row: DueRow): PolicyEventData => ({
  id: row.id,
  name: row.name,
  storeId: row.store_id,
  validFromMs: row.valid_from.getTime(),
  validUntilMs: row.valid_until.getTime(),
});
