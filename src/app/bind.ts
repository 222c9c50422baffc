import type { CouponService } from '../contexts/coupon/api.ts';
import { type CouponModule, type CouponOptions, createCoupon } from '../contexts/coupon/module.ts';
import type { IdentityService } from '../contexts/identity/api.ts';
import { createIdentity, type IdentityDeps, type IdentityModule } from '../contexts/identity/module.ts';
import type { OrderService } from '../contexts/order/api.ts';
import { createOrder, type OrderModule, type OrderOptions } from '../contexts/order/module.ts';
import type { PointService } from '../contexts/point/api.ts';
import { createPoint, type PointOptions } from '../contexts/point/module.ts';
import type { StatisticsService } from '../contexts/statistics/api.ts';
import { createStatistics } from '../contexts/statistics/module.ts';
import type { ContextModule } from '../platform/context.ts';
import type { Clock } from '../platform/kernel/clock.ts';
import { TOPICS } from './event-catalogue.ts';
import { TARGETS, type Target } from './targets.ts';

/** The API of each context, and the modules of the contexts that run in this process. */
export interface Bound {
  readonly coupon: CouponService;
  readonly identity: IdentityService;
  readonly order: OrderService;
  readonly point: PointService;
  readonly statistics: StatisticsService;
  readonly hosted: readonly ContextModule<unknown>[];
  readonly sandboxPayments: OrderModule['sandboxPayments'];
  readonly isClosed: CouponModule['isClosed'];
  readonly isSoldOut: OrderModule['isSoldOut'];
  /** Present when this process hosts identity: the admin account is created at its start. */
  readonly ensureAdmin: IdentityModule['ensureAdmin'];
}

export interface BindDeps extends IdentityDeps {
  /** Sessions go by it, also where a sandbox has moved the time. */
  readonly signInClock: Clock;
}

export interface BindOptions {
  readonly coupon: CouponOptions;
  readonly point: PointOptions;
  readonly order: OrderOptions;
}

/** The only file that knows whether a context is local. Today every target hosts all of them. */
export function bind(target: Target, deps: BindDeps, { coupon, point, order }: BindOptions): Bound {
  for (const name of ['identity', 'coupon', 'point', 'order', 'statistics'] as const) {
    if (!TARGETS[target].includes(name)) throw new Error(`the target ${target} does not host ${name}`);
  }
  const identityModule = createIdentity({ ...deps, clock: deps.signInClock });
  const couponModule = createCoupon(deps, { topics: TOPICS, ...coupon });
  const statisticsModule = createStatistics(deps, couponModule.api);
  const pointModule = createPoint(deps, point);
  const orderModule = createOrder(deps, { coupon: couponModule.api, point: pointModule.api }, order);
  return {
    coupon: couponModule.api,
    identity: identityModule.api,
    order: orderModule.api,
    point: pointModule.api,
    statistics: statisticsModule.api,
    hosted: [identityModule, couponModule, pointModule, orderModule, statisticsModule],
    sandboxPayments: orderModule.sandboxPayments,
    isClosed: couponModule.isClosed,
    isSoldOut: orderModule.isSoldOut,
    ensureAdmin: (request) => identityModule.ensureAdmin(request),
  };
}
