import type { ContextDeps, ContextModule } from '../../platform/context.ts';
import { doorbell } from '../../platform/kernel/doorbell.ts';
import type { CouponService } from '../coupon/api.ts';
import type { PointService } from '../point/api.ts';
import { postgresGoodsReader } from './adapters/postgres/goods-reader.ts';
import { postgresGoodsStore } from './adapters/postgres/goods-store.ts';
import { postgresTimeSaleWindows } from './adapters/postgres/time-sale-windows.ts';
import { type SandboxDeps, type SandboxProvider, sandboxProvider } from './adapters/sandbox/sandbox-provider.ts';
import type { OrderService } from './api.ts';
import { createProduct } from './application/create-product.ts';
import { createTimeSale } from './application/create-time-sale.ts';
import { listPopularProducts } from './application/list-popular-products.ts';
import { getProduct, listProducts } from './application/read-products.ts';
import { getTimeSale, listTimeSales } from './application/read-time-sales.ts';
import { turnTimeSales } from './application/turn-time-sales.ts';
import { updateProduct } from './application/update-product.ts';

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
  /** The provider of EXTERNAL payments. Undefined: there is none, and they are refused. */
  readonly sandbox?: SandboxOptions | undefined;
  /** Called after a commit that wrote events: the relay need not wait for its next look. */
  readonly onEvents?: () => void;
}

export type { SandboxBehaviour } from './adapters/sandbox/sandbox-provider.ts';
export type SandboxOptions = Pick<SandboxDeps, 'behaviour' | 'signClock' | 'webhookKey' | 'ownUrl'>;

export interface OrderModule extends ContextModule<HostedOrders> {
  /** Where customers of the sandbox pay. Undefined: it is not the provider. */
  readonly sandboxPayments: Pick<SandboxProvider, 'find' | 'choose'> | undefined;
}

/** What there is of the contract so far. */
export type HostedOrders = Pick<
  OrderService,
  | 'createProduct'
  | 'updateProduct'
  | 'getProduct'
  | 'listProducts'
  | 'listPopularProducts'
  | 'createTimeSale'
  | 'getTimeSale'
  | 'listTimeSales'
>;

export function createOrder(deps: ContextDeps, _parts: OrderParts, options: OrderOptions = {}): OrderModule {
  const { database, clock, nextId, log } = deps;
  const { onEvents = () => {} } = options;
  const sandbox = options.sandbox && sandboxProvider({ database, clock, log, ...options.sandbox });
  const timeSalesChanged = doorbell();
  const goods = postgresGoodsReader(database);
  const goodsStore = postgresGoodsStore(database, () => timeSalesChanged.ring());
  return {
    api: {
      createProduct: createProduct(goodsStore, clock, nextId),
      updateProduct: updateProduct(goodsStore, goods, clock),
      getProduct: getProduct(goods, clock),
      listProducts: listProducts(goods, clock),
      listPopularProducts: listPopularProducts(goods, clock),
      createTimeSale: createTimeSale(goodsStore, clock, nextId),
      getTimeSale: getTimeSale(goods, clock),
      listTimeSales: listTimeSales(goods, clock),
    },
    audits: [],
    jobs: [
      turnTimeSales(postgresTimeSaleWindows(database, nextId, onEvents), clock, timeSalesChanged),
      ...(sandbox?.jobs ?? []),
    ],
    sandboxPayments: sandbox,
    stop: async () => {},
  };
}
