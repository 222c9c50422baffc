import type { Audit } from '../../../../../platform/context.ts';
import { queuedEvents } from '../../../../../platform/events/written-events.ts';
import { readSql } from '../../../../../platform/postgres/sql-file.ts';
import { couponAudit, sqlBeside } from './coupon-audit.ts';
import { lifecycleAudits } from './lifecycle-audits.ts';

/** Outbox rows that are read: some 25,000 events in a rush. */
const QUEUED_ROWS_MAX = 100;
const VIOLATIONS_MAX = 5;

/** Queued events are compared one by one. */
const QUEUED_EVENTS: Audit = {
  name: `each queued coupon.issued names a coupon that exists, and only once (the oldest ${QUEUED_ROWS_MAX} rows)`,
  async run(snapshot, { policyId }) {
    const all = await queuedEvents(snapshot, 'coupon.issued', QUEUED_ROWS_MAX);
    const events = all.filter(({ event }) => policyId === undefined || event.data['policyId'] === String(policyId));
    const checked = new Set<string>();
    const duplicated = new Set<string>();
    for (const { key } of events) {
      if (checked.has(key)) duplicated.add(key);
      checked.add(key);
    }
    const { rows } = await snapshot.query<{ id: string }>(await readSql(sqlBeside('unknown-coupons.sql')), [
      [...checked],
    ]);
    const violations = [
      ...rows.map(({ id }) => `coupon ${id} has an event, but does not exist`),
      ...[...duplicated].map((id) => `coupon ${id} has two events in the outbox`),
    ];
    return {
      ok: violations.length === 0,
      figures: { events: events.length },
      violations: violations.slice(0, VIOLATIONS_MAX),
    };
  },
};

/**
 * The invariants of a coupon policy that README.md lists, recounted from the coupons. The audits rely on no constraint or index of the
 * tables: otherwise they could not find what those should have prevented. Published events are deleted from the database, so they are
 * compared by number: the outbox stores how many events each transaction wrote for a policy, and the relay moves that number when it
 * deletes the row.
 */
export const couponAudits: readonly Audit[] = [
  couponAudit('coupons that were not returned = current count <= limit of the policy', 'issue-counts.sql'),
  couponAudit(
    'no user has more coupons of a policy than it allows, or allowed before its limit was lowered',
    'coupons-per-user.sql',
  ),
  couponAudit('sequence numbers of a policy are exactly 1 to the last one given', 'sequence-numbers.sql'),
  couponAudit('as many coupon.issued events were written for a policy as it has coupons', 'event-counts.sql'),
  QUEUED_EVENTS,
  couponAudit(
    'every coupon has a stored version of its terms, the latest of which is that of the policy',
    'kept-terms.sql',
  ),
  ...lifecycleAudits,
];
