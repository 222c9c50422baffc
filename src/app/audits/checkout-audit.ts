import type { Audit } from '../../platform/context.ts';
import { sqlAudit } from '../../platform/postgres/sql-audit.ts';

/**
 * Compares in one snapshot what several contexts store about orders; that is why it is part of the app. An order records a step after the
 * other context has committed it, so between two steps more than one state is valid.
 */
const COUPONS = sqlAudit(
  'a paid order has used its coupon, as it was reserved; an order that ended holds none',
  `
  with judged as (
    select o.id, keeps, case
      when (keeps or waits) and (r.id is null or r.coupon_id <> o.coupon_id or r.user_id <> o.user_id
          or r.discount_amount <> o.coupon_discount) then
        format('order %s of user %s takes %s off by coupon %s, its reservation %s by coupon %s of user %s', o.id, o.user_id,
          o.coupon_discount, o.coupon_id, coalesce(r.discount_amount::text, 'nothing'), coalesce(r.coupon_id::text, 'none'),
          coalesce(r.user_id::text, 'none'))
      when keeps and r.status <> 'CONFIRMED' and not (o.status = 'REFUNDED' and r.status = 'CANCELLED' and exists (
          select from coupon.coupon_history as h
          where h.coupon_id = o.coupon_id and h.kind = 'RESTORED' and h.order_id = o.id::text)) then
        format('order %s is %s, and the reservation of its coupon %s is %s', o.id, o.status, o.coupon_id, r.status)
      -- A reservation that came after the end, from a call that took too long, ends by itself.
      when o.ended_at is not null and (r.status = 'CONFIRMED' or (r.status = 'PENDING' and r.reserved_at <= o.ended_at)) then
        format('order %s is %s, and the reservation of its coupon %s is still %s', o.id, o.status, o.coupon_id, r.status)
    end as violation
    from (
      select *, status in ('PAID', 'REFUNDED') or (ending is null and coalesce(step = 'CAPTURE_POINTS', false)) as keeps,
        ended_at is null and ending is null and coalesce(step <> 'RESERVE_COUPON', true) as waits
      from orders.orders
      where coupon_id is not null
        and ($1::bigint is null or coupon_id in (select id from coupon.coupon_issues where policy_id = $1))
    ) as o
      left join coupon.coupon_reservations as r on r.id = 'order:' || o.id
  )
  select json_build_object('orders', count(*), 'used', count(*) filter (where keeps)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const POINTS = sqlAudit(
  'points are held, captured and given back as orders say, and none are held for an order that ended',
  `
  with given as (
    select order_id, sum(points) as points, sum(points) filter (where step is null or step = 'COUPON') as gone
    from orders.refunds group by order_id
  ), paid_back as (
    select payment_id, sum(money) as money, sum(money) filter (where step is distinct from 'MONEY') as gone
    from orders.refunds group by payment_id
  ), taken as (
    select o.user_id, o.id::text as name, points_used as amount, points as given, gone, case
        when status in ('PAID', 'REFUNDED') then '{CAPTURED}'
        when ending is null and step = 'CAPTURE_POINTS' then '{HELD,CAPTURED}'
        when ending is null and step = 'HOLD_POINTS' then '{NONE,HELD}'
        when ending is null and status = 'RESERVED' then '{HELD}'
        when step = 'RELEASE_POINTS' then '{NONE,HELD,RELEASED}'
        else '{RELEASED}'
      end::text[] as states
    from orders.orders as o left join given as g on g.order_id = o.id
    where points_used > 0 and $1::bigint is null
    union all
    select user_id, order_id || ':pay:' || id, amount, money, gone, case status
        when 'PENDING' then '{NONE,HELD,CAPTURED,RELEASED}'
        when 'FAILED' then '{NONE,RELEASED}'
        else '{CAPTURED}'
      end::text[]
    from orders.payments as y left join paid_back as g on g.payment_id = y.id
    where method = 'POINTS' and amount > 0 and $1 is null
  ), judged as (
    select t.name, h.amount as held, case
      when coalesce(state, 'NONE') <> all(states) or (state in ('HELD', 'CAPTURED') and h.amount <> t.amount) then
        format('%s points of user %s for order %s are %s, and should be %s %s', coalesce(h.amount, 0), t.user_id, t.name,
          coalesce(state, 'NONE'), t.amount, array_to_string(states, ' or '))
      when state = 'CAPTURED' and refunded not between coalesce(gone, 0) and coalesce(given, 0) then
        format('of %s points of user %s for order %s %s went back, its refunds say %s of %s', h.amount, t.user_id, t.name, refunded,
          coalesce(gone, 0), coalesce(given, 0))
    end as violation
    from taken as t left join point.holds as h on h.user_id = t.user_id and h.order_id = t.name
    union all
    select h.order_id, h.amount, format('%s points of user %s are %s for order %s, which uses none', h.amount, h.user_id, h.state,
      h.order_id)
    from point.holds as h join orders.orders as o on o.id::text = h.order_id and o.user_id = h.user_id
    where h.state in ('HELD', 'CAPTURED') and o.points_used = 0 and $1 is null
  )
  select json_build_object('uses', count(*), 'points', coalesce(sum(held), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by name) filter (where violation is not null))[1:5] as examples
  from judged`,
);

export const checkoutAudits: readonly Audit[] = [COUPONS, POINTS];
