import type { Audit } from '../../../../platform/context.ts';
import { sqlAudit } from '../../../../platform/postgres/sql-audit.ts';

/** What holds of coupons after their issue. As in audits.ts, no constraint or index of the tables is trusted. */
const RESERVATIONS = sqlAudit(
  'a coupon is RESERVED by exactly one PENDING reservation, USED by order by exactly one CONFIRMED, else by none',
  `
  with holding as (
    select coupon_id, count(*) filter (where status = 'PENDING') as pending, max(id) filter (where status = 'PENDING') as pending_id,
      count(*) filter (where status = 'CONFIRMED') as confirmed, max(id) filter (where status = 'CONFIRMED') as confirmed_id,
      count(*) filter (where status = 'PENDING' and expires_at < now()) as overdue
    from coupon.coupon_reservations where status in ('PENDING', 'CONFIRMED') group by coupon_id
  ), compared as (
    select coalesce(i.id, h.coupon_id) as id, i.id is null as orphaned, i.status, i.reservation_id, pending_id, confirmed_id,
      coalesce(pending, 0) as pending, coalesce(confirmed, 0) as confirmed, coalesce(overdue, 0) as overdue
    from (select id, status, reservation_id from coupon.coupon_issues where $1::bigint is null or policy_id = $1) as i
    full join holding as h on h.coupon_id = i.id
    where $1::bigint is null or i.id is not null
  ), judged as (
    select *, case
      when orphaned then format('coupon %s does not exist, but reservation %s holds it', id, coalesce(pending_id, confirmed_id))
      when pending <> case status when 'RESERVED' then 1 else 0 end then
        format('coupon %s is %s, but %s PENDING reservations hold it', id, status, pending)
      when confirmed <> case when status = 'USED' and reservation_id is not null then 1 else 0 end then
        format('coupon %s is %s%s, but %s CONFIRMED reservations hold it', id, status, ' by ' || reservation_id, confirmed)
      when (pending > 0 or confirmed > 0) and reservation_id is distinct from coalesce(pending_id, confirmed_id) then
        format('coupon %s names reservation %s, but %s holds it', id, coalesce(reservation_id, 'none'),
          coalesce(pending_id, confirmed_id))
    end as violation
    from compared
  )
  -- Whether reservations end on time is up to the server that runs, and no one may run: a figure.
  select json_build_object('coupons', count(*), 'pending', coalesce(sum(pending), 0), 'confirmed', coalesce(sum(confirmed), 0),
      'overdue', coalesce(sum(overdue), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const DISCOUNTS = sqlAudit(
  'no discount is above the amount of its order, and a used coupon gave what its reservation froze',
  `
  with judged as (
    select r.id, r.discount_amount, case
      when r.discount_amount < 0 or r.discount_amount > r.order_amount then
        format('reservation %s takes %s off an order of %s', r.id, r.discount_amount, r.order_amount)
      when r.status = 'CONFIRMED' and i.discount_amount is distinct from r.discount_amount then
        format('coupon %s gave %s, but reservation %s froze %s', i.id, coalesce(i.discount_amount::text, 'nothing'), r.id,
          r.discount_amount)
    end as violation
    from coupon.coupon_reservations as r join coupon.coupon_issues as i on i.id = r.coupon_id
    where $1::bigint is null or i.policy_id = $1
  )
  select json_build_object('reservations', count(*), 'frozen', coalesce(sum(discount_amount), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const HISTORY = sqlAudit(
  'a coupon has a row of history for each version after its issue, and the last one tells its state',
  `
  with steps as (
    select coupon_id, count(*) as steps, min(version) as lowest, max(version) as highest
    from coupon.coupon_history where $1::bigint is null or policy_id = $1 group by coupon_id
  ), compared as (
    select coalesce(i.id, s.coupon_id) as id, i.id is null as orphaned, i.status, i.version, coalesce(steps, 0) as steps,
      coalesce(lowest, 2) as lowest, coalesce(highest, 1) as highest, last.kind,
      case coalesce(last.kind, 'RESTORED') when 'RESERVED' then 'RESERVED' when 'EXTENDED' then 'RESERVED' when 'USED' then 'USED'
        when 'CANCELLED' then 'CANCELLED' when 'EXPIRED' then 'EXPIRED' else 'ISSUED' end as told
    from (select id, status, version from coupon.coupon_issues where $1::bigint is null or policy_id = $1) as i
    full join steps as s on s.coupon_id = i.id
    left join coupon.coupon_history as last on last.coupon_id = i.id and last.version = i.version
  ), judged as (
    select *, case
      when orphaned then format('coupon %s does not exist, but has %s rows of history', id, steps)
      when version <> 1 + steps or lowest <> 2 or highest <> version then
        format('coupon %s has version %s, but %s rows of history from %s to %s', id, version, steps, lowest, highest)
      when told <> status then
        format('coupon %s is %s, but its history ends with %s', id, status, coalesce(kind, 'its issue'))
    end as violation
    from compared
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
        format('coupon %s of policy %s has a code that nobody made', r.id, r.policy_id)
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

export const lifeAudits: readonly Audit[] = [RESERVATIONS, DISCOUNTS, HISTORY, PLACES, CODES];
