import type { Audit } from '../../../../../platform/context.ts';
import { queuedEvents, writtenEvents } from '../../../../../platform/events/written-events.ts';
import { sqlAudit } from '../../../../../platform/postgres/sql-audit.ts';
import { lifecycleAudits } from './lifecycle-audits.ts';

/**
 * The invariants of a coupon policy, recounted from the coupons. The audits rely on no constraint or index of the
 * tables: otherwise they could not find what those should have prevented.
 */
const COUNT = sqlAudit(
  'coupons that were not returned = current count <= limit of the policy',
  `
  with held as (
    select policy_id, count(*) filter (where not returned) as held
    from coupon.coupon_issues where $1::bigint is null or policy_id = $1 group by policy_id
  ), compared as (
    select coalesce(p.id, h.policy_id) as id, p.id is null as orphaned, coalesce(h.held, 0) as held,
      p.current_issue_count as counted, p.max_issue_count as most
    from (select * from coupon.coupon_policies where $1::bigint is null or id = $1) as p
    full join held as h on h.policy_id = p.id
  ), judged as (
    select *, case
      when orphaned then format('policy %s does not exist, but has %s coupons', id, held)
      when held <> counted then format('policy %s counts %s coupons, but has %s', id, counted, held)
      when held > most then format('policy %s has %s coupons, its limit is %s', id, held, most)
    end as violation
    from compared
  )
  select json_build_object('policies', count(*), 'coupons', coalesce(sum(held), 0)) as figures,
    count(violation)::int + case when $1::bigint is not null and count(*) = 0 then 1 else 0 end as broken,
    case when $1::bigint is not null and count(*) = 0 then array[format('there is no policy %s', $1)]
      else (array_agg(violation order by id) filter (where violation is not null))[1:5] end as examples
  from judged`,
);

const PER_USER = sqlAudit(
  'no user has more coupons of a policy than it allows, or allowed before its limit was lowered',
  `
  with holdings as (
    select policy_id, user_id, count(*) as held
    from coupon.coupon_issues
    where status <> 'CANCELLED' and ($1::bigint is null or policy_id = $1)
    group by policy_id, user_id
  ), judged as (
    select h.*, case when h.held > p.most then
      format('user %s has %s coupons of policy %s, which allows %s', user_id, held, policy_id, most)
    end as violation
    from holdings as h
    join (select id, greatest(max_issue_per_user, former_issue_per_user) as most from coupon.coupon_policies) as p
      on p.id = h.policy_id
  )
  select json_build_object('holders', count(*), 'most', coalesce(max(held), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by policy_id, user_id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const SEQUENCE = sqlAudit(
  'sequence numbers of a policy are exactly 1 to the last one given',
  `
  with numbered as (
    select policy_id, count(*) as coupons, count(distinct sequence_no) as different,
      min(sequence_no) as lowest, max(sequence_no) as highest
    from coupon.coupon_issues where $1::bigint is null or policy_id = $1 group by policy_id
  ), compared as (
    select p.id, p.last_sequence_no as last, coalesce(coupons, 0) as coupons, coalesce(different, 0) as different,
      coalesce(lowest, 1) as lowest, coalesce(highest, 0) as highest
    from coupon.coupon_policies as p left join numbered as n on n.policy_id = p.id
    where $1::bigint is null or p.id = $1
  ), judged as (
    select *, case when coupons <> last or different <> last or lowest <> 1 or highest <> last then
      format('policy %s gave numbers up to %s, but has %s coupons with %s different numbers from %s to %s',
        id, last, coupons, different, lowest, highest)
    end as violation
    from compared
  )
  select json_build_object('policies', count(*), 'numbers', coalesce(sum(different), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

/**
 * Published events are deleted from the database, so they are compared by number: the outbox stores how many events
 * each transaction wrote for a policy, and the relay moves that number when it deletes the row.
 */
const EVENT_COUNT = sqlAudit(
  'as many coupon.issued events were written for a policy as it has coupons',
  `
  with issued as (
    select policy_id::text as key, count(*) as coupons
    from coupon.coupon_issues where $1::bigint is null or policy_id = $1 group by policy_id
  ), written as (
    select * from (${writtenEvents('coupon.issued')}) as w where $1::bigint is null or key = $1::text
  ), judged as (
    select coalesce(i.key, w.key) as key, coalesce(published, 0) as published, coalesce(queued, 0) as queued,
      case when coalesce(coupons, 0) <> coalesce(published, 0) + coalesce(queued, 0) then
        format('policy %s has %s coupons, but %s events published and %s queued', coalesce(i.key, w.key),
          coalesce(coupons, 0), coalesce(published, 0), coalesce(queued, 0))
      end as violation
    from issued as i full join written as w on w.key = i.key
  )
  select json_build_object('published', coalesce(sum(published), 0), 'queued', coalesce(sum(queued), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by key) filter (where violation is not null))[1:5] as examples
  from judged`,
);

/** Outbox rows that are read: some 25,000 events in a rush. */
const QUEUED_ROWS_MAX = 100;
const VIOLATIONS_MAX = 5;

const MISSING = `
  select id::text from unnest($1::bigint[]) as id
  where not exists (select from coupon.coupon_issues as c where c.id = id.id)
  limit ${VIOLATIONS_MAX}`;

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
    const { rows } = await snapshot.query<{ id: string }>(MISSING, [[...checked]]);
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

/** The invariants listed in README.md. */
export const couponAudits: readonly Audit[] = [
  COUNT,
  PER_USER,
  SEQUENCE,
  EVENT_COUNT,
  QUEUED_EVENTS,
  ...lifecycleAudits,
];
