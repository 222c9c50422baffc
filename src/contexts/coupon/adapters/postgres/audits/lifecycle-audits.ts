import type { Audit } from '../../../../../platform/context.ts';
import { OVERDUE_AFTER, SERVER_RUNS } from '../../../../../platform/postgres/overdue.ts';
import { sqlAudit } from '../../../../../platform/postgres/sql-audit.ts';
import type { CouponStatus } from '../../../domain/enumerations.ts';

/**
 * The invariants of coupons after their issue. As in audits.ts, no constraint or index is relied on. Data that is
 * stored twice is joined as a whole and only rows without a counterpart are examined, so that a million coupons take
 * seconds.
 */
const RESERVATIONS = sqlAudit(
  'a coupon is RESERVED by exactly one PENDING reservation, USED by order by exactly one CONFIRMED, else by none',
  `
  with holding as (
    select id, coupon_id, status, case status when 'PENDING' then 'RESERVED' else 'USED' end as makes
    from coupon.coupon_reservations
    where status in ('PENDING', 'CONFIRMED')
      and ($1::bigint is null or coupon_id in (select id from coupon.coupon_issues where policy_id = $1))
  ), held as (
    select id, status, reservation_id from coupon.coupon_issues
    where (status = 'RESERVED' or (status = 'USED' and reservation_id is not null)) and ($1::bigint is null or policy_id = $1)
  ), alone as (
    select coalesce(i.id, h.coupon_id) as id, case
        when h.id is null then format('coupon %s is %s by %s, but no such reservation holds it', i.id, i.status,
          coalesce(i.reservation_id, 'none'))
        else format('reservation %s is %s, but coupon %s is not %s by it', h.id, h.status, h.coupon_id, h.makes)
      end as violation
    from held as i
    full join holding as h on h.coupon_id = i.id and h.makes = i.status and h.id = i.reservation_id
    where i.id is null or h.id is null
  )
  select (select json_build_object('pending', count(*) filter (where status = 'PENDING'),
        'confirmed', count(*) filter (where status = 'CONFIRMED')) from holding) as figures,
    count(*)::int as broken, (array_agg(violation order by id, violation))[1:5] as examples
  from alone`,
);

const OVERDUE = sqlAudit(
  'while a server runs, no reservation holds its coupon for more than two periods of the scheduler after its end',
  `
  with overdue as (
    select id, coupon_id, expires_at, expires_at < now() - ${OVERDUE_AFTER} as late
    from coupon.coupon_reservations
    where status = 'PENDING' and expires_at < now()
      and ($1::bigint is null or coupon_id in (select id from coupon.coupon_issues where policy_id = $1))
  ), late as (
    select id, format('reservation %s holds coupon %s, but ended at %s', id, coupon_id, expires_at) as violation
    from overdue where late and ${SERVER_RUNS}
  )
  select (select json_build_object('overdue', count(*)) from overdue) as figures,
    count(*)::int as broken, (array_agg(violation order by id))[1:5] as examples
  from late`,
);

const DISCOUNTS = sqlAudit(
  'no discount is above the amount of its order, and a used coupon gave what its reservation froze',
  `
  with reservations as (
    select id, coupon_id, order_amount, discount_amount, status from coupon.coupon_reservations
    where $1::bigint is null or coupon_id in (select id from coupon.coupon_issues where policy_id = $1)
  ), wrong as (
    select id, format('reservation %s takes %s off an order of %s', id, discount_amount, order_amount) as violation
    from reservations where discount_amount < 0 or discount_amount > order_amount
    union all
    select r.id, format('coupon %s gave %s, but reservation %s froze %s', i.id, coalesce(i.discount_amount::text, 'nothing'), r.id,
      r.discount_amount)
    from reservations as r join coupon.coupon_issues as i on i.id = r.coupon_id
    where r.status = 'CONFIRMED' and i.status = 'USED' and i.discount_amount is distinct from r.discount_amount
  )
  select (select json_build_object('reservations', count(*), 'frozen', coalesce(sum(discount_amount), 0)) from reservations)
      as figures,
    count(*)::int as broken, (array_agg(violation order by id, violation))[1:5] as examples
  from wrong`,
);

/** The states that the steps lead to, a digit each, so that the largest version carries the kind of its step along. */
const STATES = ['ISSUED', 'RESERVED', 'USED', 'CANCELLED', 'EXPIRED'] as const satisfies readonly CouponStatus[];
const HISTORY = sqlAudit(
  'a coupon has a row of history for each version after its issue, and the last one gives its state',
  `
  with steps as (
    select coupon_id, count(*) as steps, min(version) as lowest, max(version) as highest,
      max(version::bigint * 10 + case kind when 'RESERVED' then 1 when 'EXTENDED' then 1 when 'USED' then 2 when 'CANCELLED' then 3
        when 'EXPIRED' then 4 else 0 end) % 10 as told
    from coupon.coupon_history where $1::bigint is null or policy_id = $1 group by coupon_id
  ), moved as (
    select id, status, version from coupon.coupon_issues
    where (version <> 1 or status <> 'ISSUED') and ($1::bigint is null or policy_id = $1)
  ), judged as (
    select coalesce(i.id, s.coupon_id) as id, case
      when i.id is null then format('coupon %s does not exist or is as it was issued, but has %s rows of history', coupon_id, steps)
      when version <> 1 + coalesce(steps, 0) or lowest <> 2 or highest <> version then
        format('coupon %s has version %s, but %s rows of history from %s to %s', id, version, coalesce(steps, 0),
          coalesce(lowest, 2), coalesce(highest, 1))
      when status <> (array['${STATES.join("','")}'])[coalesce(told, 0) + 1] then
        format('coupon %s is %s, but its history ends with %s', id, status,
          (array['${STATES.join("','")}'])[coalesce(told, 0) + 1])
    end as violation, steps
    from moved as i full join steps as s on s.coupon_id = i.id
  )
  select json_build_object('coupons', count(*), 'steps', coalesce(sum(steps), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const PLACES = sqlAudit(
  "a coupon takes a place of its user's limit unless it is CANCELLED, and only a CANCELLED one is returned",
  `
  with judged as (
    select id, status = 'CANCELLED' as cancelled, returned, case
      when returned and status <> 'CANCELLED' then format('coupon %s is %s and returned', id, status)
      when status = 'CANCELLED' and slot is not null then format('coupon %s is CANCELLED and takes place %s', id, slot)
      when status <> 'CANCELLED' and slot is null then format('coupon %s is %s and takes no place', id, status)
    end as violation
    from coupon.coupon_issues where $1::bigint is null or policy_id = $1
  )
  select json_build_object('coupons', count(*), 'cancelled', count(*) filter (where cancelled),
      'returned', count(*) filter (where returned)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const CODES = sqlAudit(
  'a unique code issued one coupon at most, of its own policy',
  `
  with redeemed as (
    select code, count(*) as coupons, min(id) as id, min(policy_id) as policy_id
    from coupon.coupon_issues where code is not null and ($1::bigint is null or policy_id = $1) group by code
  ), judged as (
    select r.code, coupons, case
      when coupons > 1 then format('a code of policy %s issued %s coupons, the first is %s', r.policy_id, coupons, r.id)
      when c.code is null or c.job_id is null then
        format('coupon %s of policy %s has a code that was never generated', r.id, r.policy_id)
      when c.policy_id <> r.policy_id then
        format('coupon %s of policy %s has a code of policy %s', r.id, r.policy_id, c.policy_id)
    end as violation
    from redeemed as r left join coupon.coupon_codes as c on c.code = r.code
  )
  select json_build_object('redeemed', count(*)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by code) filter (where violation is not null))[1:5] as examples
  from judged`,
);

export const lifecycleAudits: readonly Audit[] = [RESERVATIONS, OVERDUE, DISCOUNTS, HISTORY, PLACES, CODES];
