import type { Audit } from '../../../../../platform/context.ts';
import { OVERDUE_AFTER, SERVER_RUNS } from '../../../../../platform/postgres/overdue.ts';
import { OPEN_ORDERS_MAX } from '../../../domain/order.ts';
import { moneyAudits } from './money-audits.ts';
import { ALL, orderAudit } from './order-audit.ts';

/** The reserved and the sold units of the lines of orders. */
const UNITS_OF_LINES = `
    select l.product_id, l.time_sale_id, o.user_id,
      case when o.status in ('PENDING', 'RESERVED') then l.quantity else 0 end as reserved,
      case when o.status in ('PAID', 'REFUNDED') then l.quantity - l.refunded_quantity else 0 end as sold,
      o.paid_at
    from orders.order_lines as l join orders.orders as o on o.id = l.order_id where ${ALL}`;

const UNITS = orderAudit(
  'the units of a product are all in one place: supplied = free + reserved + sold + in its time sales',
  `
  with sales as (
    select product_id, sum(stock + reserved) as units, count(*) as sales, min(id) as id,
      string_agg(format('time sale %s of %s has %s free, %s reserved, %s sold and %s returned', id, quantity, stock, reserved, sold,
        returned), '; ') filter (where quantity <> stock + reserved + sold + returned
          or least(stock, reserved, sold, returned) < 0) as wrong
    from orders.time_sales where ${ALL} group by product_id
  ), judged as (
    select coalesce(p.id, s.product_id) as id, supplied, sales, case
      when p.id is null then format('time sale %s is of a product that does not exist: %s', s.id, s.product_id)
      when least(stock, reserved, sold) < 0 or supplied <> stock + reserved + sold + coalesce(units, 0) then
        format('product %s of %s has %s free, %s reserved, %s sold and %s in time sales', p.id, supplied, stock, reserved, sold,
          coalesce(units, 0))
      else s.wrong
    end as violation
    from orders.products as p full join sales as s on s.product_id = p.id
  )
  select json_build_object('products', count(*), 'timeSales', coalesce(sum(sales), 0), 'supplied', coalesce(sum(supplied), 0))
      as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const COUNTED = orderAudit(
  'units that are reserved or sold are those of orders that are open or paid',
  `
  with by_both as (
    select product_id, time_sale_id, sum(reserved) as reserved, sum(sold) as sold
    from (${UNITS_OF_LINES}) as lines group by product_id, time_sale_id
  ), by_product as (
    select product_id, sum(reserved) filter (where time_sale_id is null) as reserved, sum(sold) as sold
    from by_both group by product_id
  ), judged as (
    select 'product' as kind, coalesce(p.id, b.product_id) as id, coalesce(p.reserved, 0) as reserved, coalesce(p.sold, 0) as sold,
      coalesce(b.reserved, 0) as reserved_by, coalesce(b.sold, 0) as sold_by
    from orders.products as p full join by_product as b on b.product_id = p.id
    union all
    select 'time sale', coalesce(s.id, b.time_sale_id), coalesce(s.reserved, 0), coalesce(s.sold, 0), coalesce(b.reserved, 0),
      coalesce(b.sold, 0)
    from orders.time_sales as s
      full join (select * from by_both where time_sale_id is not null) as b on b.time_sale_id = s.id and b.product_id = s.product_id
  ), wrong as (
    select id, format('%s %s has %s reserved and %s sold, its orders %s and %s', kind, id, reserved, sold, reserved_by, sold_by)
      as violation
    from judged where reserved <> reserved_by or sold <> sold_by
  )
  select (select json_build_object('reserved', coalesce(sum(reserved), 0), 'sold', coalesce(sum(sold), 0)) from by_both) as figures,
    count(*)::int as broken, (array_agg(violation order by id, violation))[1:5] as examples
  from wrong`,
);

const BUYERS = orderAudit(
  'what a user has of a time sale is what their orders say, and never more than the limit',
  `
  with lines as (${UNITS_OF_LINES} and l.time_sale_id is not null
  ), counted as (
    select time_sale_id, user_id, sum(reserved + sold) as units from lines group by time_sale_id, user_id
  ), judged as (
    select coalesce(b.time_sale_id, c.time_sale_id) as id, coalesce(b.user_id, c.user_id) as user_id,
      coalesce(c.units, 0) as units, coalesce(b.quantity, 0) as quantity, limit_per_user
    from orders.time_sale_buyers as b
      full join counted as c on c.time_sale_id = b.time_sale_id and c.user_id = b.user_id
      left join orders.time_sales as s on s.id = coalesce(b.time_sale_id, c.time_sale_id)
  ), wrong as (
    select id, user_id, format('user %s has %s of time sale %s with a limit of %s, their orders %s', user_id, quantity, id,
      coalesce(limit_per_user::text, 'an unknown number'), units) as violation
    from judged where units <> quantity or units > coalesce(limit_per_user, 0)
  )
  select (select json_build_object('buyers', count(*), 'units', coalesce(sum(units), 0)) from judged) as figures,
    count(*)::int as broken, (array_agg(violation order by id, user_id))[1:5] as examples
  from wrong`,
);

const OPEN = orderAudit(
  'a user has no more orders that are neither paid nor ended than they may',
  `
  with opened as (
    select user_id, count(*) as orders from orders.orders where status in ('PENDING', 'RESERVED') and ${ALL} group by user_id
  ), wrong as (
    select user_id, format('user %s has %s open orders', user_id, orders) as violation from opened where orders > ${OPEN_ORDERS_MAX}
  )
  select (select json_build_object('users', count(*), 'most', coalesce(max(orders), 0)) from opened) as figures,
    count(*)::int as broken, (array_agg(violation order by user_id))[1:5] as examples
  from wrong`,
);

const DAILY = orderAudit(
  'what counts as sold on a day is what was paid on it, less what was given back',
  `
  with paid as (
    select (paid_at at time zone 'Asia/Seoul')::date as day, product_id, sum(sold) as sold
    from (${UNITS_OF_LINES} and o.paid_at is not null) as lines group by 1, 2
  ), judged as (
    select coalesce(d.day, p.day) as day, coalesce(d.product_id, p.product_id) as id, coalesce(d.quantity, 0) as quantity,
      coalesce(p.sold, 0) as sold
    from orders.product_daily_sales as d full join paid as p on p.day = d.day and p.product_id = d.product_id
  ), wrong as (
    select id, day, format('product %s counts %s sold on %s, its orders %s', id, quantity, day, sold) as violation
    from judged where quantity <> sold
  )
  select (select json_build_object('days', count(distinct day), 'sold', coalesce(sum(sold), 0)) from judged) as figures,
    count(*)::int as broken, (array_agg(violation order by id, day))[1:5] as examples
  from wrong`,
);

const KEYS = orderAudit(
  'a key made one order of its user, one payment and one refund of its order',
  `
  with keys as (
    select 'user ' || user_id as owner, 'orders' as rows, key, count(*) as times from orders.orders where ${ALL} group by user_id, key
    union all
    select 'order ' || order_id, 'payments', key, count(*) from orders.payments where key is not null group by order_id, key
    union all
    select 'order ' || order_id, 'refunds', key, count(*) from orders.refunds where key is not null group by order_id, key
  ), wrong as (
    select format('%s has %s %s with the key %s', owner, times, rows, key) as violation from keys where times > 1
  )
  select (select json_build_object('keys', count(*)) from keys) as figures,
    count(*)::int as broken, (array_agg(violation order by violation))[1:5] as examples
  from wrong`,
);

const STEPS_OF = `case o.status
      when 'PENDING' then ending is null and coalesce(step in ('RESERVE_COUPON', 'HOLD_POINTS'), false)
        or ending is not null and coalesce(step in ('RELEASE_POINTS', 'RELEASE_COUPON'), false)
      when 'RESERVED' then ending is null and (step is null or step in ('TAKE_MONEY', 'CONFIRM_COUPON', 'CAPTURE_POINTS'))
        or ending is not null and coalesce(step in ('RELEASE_POINTS', 'RELEASE_COUPON'), false)
      when 'PAID' then ending is null and step is null
      when 'REFUNDED' then ending is null and step is null
      else o.status = ending and step is null
    end`;

/** One digit for each status, so that the maximum of version and digit yields the status of the last row. */
const STATUSES = ['PENDING', 'RESERVED', 'PAID', 'REFUNDED', 'CANCELLED', 'EXPIRED', 'FAILED'];
const STATUS_DIGITS = STATUSES.map((status, index) => `when '${status}' then ${index + 1}`).join(' ');
const HISTORY = orderAudit(
  'an order is in a state that there is, and has a row of history for each of its versions, the last of which tells it',
  `
  with rows as (
    select order_id, count(*) as versions, min(version) as lowest, max(version) as highest,
      max(version::bigint * 10 + case status ${STATUS_DIGITS} else 0 end) % 10 as told
    from orders.order_history where ${ALL} group by order_id
  ), judged as (
    select coalesce(o.id, h.order_id) as id, coalesce(versions, 0) as versions, case
      when o.id is null then format('order %s does not exist, but has %s rows of history', order_id, versions)
      when not coalesce(${STEPS_OF}, false) or (o.status in ('PAID', 'REFUNDED')) <> (paid_at is not null)
          or (o.status in ('CANCELLED', 'EXPIRED', 'FAILED')) <> (ended_at is not null)
          or (coalesce(ending, '') = 'FAILED') <> (refusal_code is not null)
          or (o.status in ('PENDING', 'RESERVED')) <> (resume_at is not null) then
        format('order %s is %s with the step %s and the ending %s', o.id, o.status, coalesce(step, 'none'), coalesce(ending, 'none'))
      when coalesce(versions, 0) <> version or lowest <> 1 or highest <> version then
        format('order %s has version %s, but %s rows of history from %s to %s', o.id, version, coalesce(versions, 0),
          coalesce(lowest, 0), coalesce(highest, 0))
      when o.status is distinct from
          (array['${STATUSES.join("','")}'])[told] then
        format('order %s is %s, but its history ends otherwise', o.id, o.status)
    end as violation
    from orders.orders as o full join rows as h on h.order_id = o.id
  )
  select json_build_object('orders', count(*), 'steps', coalesce(sum(versions), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

// Only while a server runs. An order at rest is also compared with its end, in case its time to resume is wrong. Orders of a sandbox
// whose clock is ahead have later times than this clock, so they are never reported too early.
const WAITING = orderAudit(
  'while a server runs, no order and no refund waits past its time for more than two periods of the scheduler',
  `
  with waiting as (
    select 'order' as kind, id, coalesce(step, 'its end') as step,
      case when step is null then least(resume_at, expires_at) else resume_at end as resume_at
    from orders.orders where resume_at is not null and ${ALL}
    union all
    select 'refund', id, step, resume_at from orders.refunds where resume_at is not null
  ), overdue as (
    select *, format('%s %s waits for %s since %s', kind, id, step, resume_at) as violation
    from waiting where resume_at < now() - ${OVERDUE_AFTER}
  ), late as (
    select * from overdue where ${SERVER_RUNS}
  )
  select json_build_object('waiting', (select count(*) from waiting), 'overdue', (select count(*) from overdue)) as figures,
    (select count(*)::int from late) as broken,
    (select (array_agg(violation order by resume_at, id))[1:5] from late) as examples`,
);

/** The invariants of README.md. */
export const orderAudits: readonly Audit[] = [
  UNITS,
  COUNTED,
  BUYERS,
  OPEN,
  DAILY,
  KEYS,
  HISTORY,
  WAITING,
  ...moneyAudits,
];
