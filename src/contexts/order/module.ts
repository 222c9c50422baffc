import type { ContextDeps, ContextModule } from '../../platform/context.ts';
import type { CouponService } from '../coupon/api.ts';
import type { PointService } from '../point/api.ts';
import { postgresGoodsReader } from './adapters/postgres/goods-reader.ts';
import type { OrderService } from './api.ts';
import { listPopularProducts } from './application/list-popular-products.ts';
import { getProduct, listProducts } from './application/read-products.ts';
import { getTimeSale, listTimeSales } from './application/read-time-sales.ts';

/** The contexts that a checkout goes through. */
export interface OrderParts {
  readonly coupon: CouponService;
  readonly point: PointService;
}

export interface OrderOptions {
  /** Commands a group at most; 1 turns grouping off, to measure what it gives. */
  readonly groupMax?: number;
  /** How long an order may stay unpaid. Default 10. */
  readonly reservationMinutes?: number;
  /** Called after a commit that wrote events: the relay need not wait for its next look. */
  readonly onEvents?: () => void;
}

/** What there is of the contract so far. */
export type HostedOrders = Pick<
  OrderService,
  'getProduct' | 'listProducts' | 'listPopularProducts' | 'getTimeSale' | 'listTimeSales'
>;

export function createOrder(
  deps: ContextDeps,
  _parts: OrderParts,
  _options: OrderOptions = {},
): ContextModule<HostedOrders> {
  const { database, clock } = deps;
  const goods = postgresGoodsReader(database);
  return {
    api: {
      getProduct: getProduct(goods, clock),
      listProducts: listProducts(goods, clock),
      listPopularProducts: listPopularProducts(goods, clock),
      getTimeSale: getTimeSale(goods, clock),
      listTimeSales: listTimeSales(goods, clock),
    },
    audits: [],
    jobs: [],
    stop: async () => {},
  };
}
