import type { Comparison, Direction } from './comparison.ts';

const FOLDER = 'app/audits/checkout';
const KEYS_OF_ORDERS = 'select id from orders.orders where id >= $1 order by id limit $2';

const COUPONS_OF_ORDERS: Direction = {
  from: 'order',
  to: 'coupon',
  rows: `${FOLDER}/coupon-uses.sql`,
  columns: `key bigint, id bigint, user_id bigint, status text, step text, ending text, ended_at timestamptz, version integer,
    coupon_id bigint, coupon_discount bigint`,
  keys: KEYS_OF_ORDERS,
  judge: `${FOLDER}/coupons.sql`,
  shardedBy: { column: 'coupon_id', by: 'ID' },
};

const ORDERS_OF_RESERVATIONS: Direction = {
  from: 'coupon',
  to: 'order',
  rows: `${FOLDER}/reservations.sql`,
  columns: `key bigint, id text, user_id bigint, order_id text, coupon_id bigint, status text, policy_id bigint`,
  // The condition of the index.
  keys: 'select user_id from coupon.coupon_reservations where order_id is not null and user_id >= $1 order by user_id limit $2',
  judge: `${FOLDER}/reserved-orders.sql`,
};

const POINTS_OF_ORDERS: Direction = {
  from: 'order',
  to: 'point',
  rows: `${FOLDER}/point-uses.sql`,
  columns: `key bigint, user_id bigint, name text, version text, amount bigint, given numeric, gone numeric, states text[]`,
  keys: KEYS_OF_ORDERS,
  judge: `${FOLDER}/points.sql`,
  shardedBy: { column: 'user_id', by: 'USER' },
};

const ORDERS_OF_HOLDS: Direction = {
  from: 'point',
  to: 'order',
  rows: `${FOLDER}/holds.sql`,
  columns: `key bigint, user_id bigint, order_id text, amount bigint, state text`,
  keys: 'select user_id from point.holds where user_id >= $1 order by user_id limit $2',
  judge: `${FOLDER}/held-orders.sql`,
};

/**
 * Compares what several contexts store about orders; that is why it is part of the app. An order records a step after the other context
 * has committed it, so between two steps more than one state is valid.
 */
export const checkoutComparisons: readonly Comparison[] = [
  {
    name: 'a paid order has used its coupon, as it was reserved; an order that ended holds none',
    forward: COUPONS_OF_ORDERS,
    backward: ORDERS_OF_RESERVATIONS,
    figures: ['orders', 'used'],
    hasPolicies: true,
  },
  {
    name: 'points are held, captured and given back as orders say, and none are held for an order that ended',
    forward: POINTS_OF_ORDERS,
    backward: ORDERS_OF_HOLDS,
    figures: ['uses', 'points'],
    hasPolicies: false,
  },
];
