import { BATCH_MAX } from '../../platform/batching/batcher.ts';
import { batcherMetrics } from '../../platform/batching/batcher-observer.ts';
import type { ContextDeps, ContextModule } from '../../platform/context.ts';
import { createNotifier } from '../../platform/kernel/notifier.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import type { CouponService } from '../coupon/api.ts';
import type { PointService } from '../point/api.ts';
import { orderAudits } from './adapters/postgres/audits.ts';
import { postgresGoodsReader } from './adapters/postgres/goods-reader.ts';
import { postgresGoodsStore } from './adapters/postgres/goods-store.ts';
import { postgresOrderReader } from './adapters/postgres/order-reader.ts';
import { postgresOrderStore } from './adapters/postgres/order-store.ts';
import { postgresPlacedKeys } from './adapters/postgres/placed-keys.ts';
import { postgresTimeSaleWindows } from './adapters/postgres/time-sale-windows.ts';
import { type SandboxDeps, type SandboxProvider, sandboxProvider } from './adapters/sandbox/sandbox-provider.ts';
import type { OrderService } from './api.ts';
import { checkout } from './application/checkout.ts';
import { createProduct } from './application/create-product.ts';
import { createTimeSale } from './application/create-time-sale.ts';
import { listPopularProducts } from './application/list-popular-products.ts';
import { PAYMENT_TOPICS, PAYMENTS_CONSUMER } from './application/on-payment.ts';
import { orderTimeout } from './application/order-timeout.ts';
import type { PaymentProvider } from './application/ports.ts';
import { getProduct, listProducts } from './application/read-products.ts';
import { getTimeSale, listTimeSales } from './application/read-time-sales.ts';
import { turnTimeSales } from './application/turn-time-sales.ts';
import { updateProduct } from './application/update-product.ts';

/** The contexts that a checkout goes through. */
export interface OrderParts {
  readonly coupon: CouponService;
  readonly point: PointService;
}

const MINUTE_MS = 60_000;

export interface OrderOptions {
  /** Commands a batch at most; 1 turns batching off, to measure what it gives. */
  readonly batchMax?: number;
  /** How long an order may stay unpaid. Default 10. */
  readonly reservationMinutes?: number;
  /** The sandbox as the provider of EXTERNAL payments. */
  readonly sandbox?: SandboxOptions | undefined;
  /** Another provider. Undefined, and no sandbox: there is none, and EXTERNAL payments are refused. */
  readonly provider?: PaymentProvider | undefined;
  /** Called after a commit that wrote events: the relay need not wait for its next look. */
  readonly onEvents?: () => void;
}

export type { SandboxBehaviour } from './adapters/sandbox/sandbox-provider.ts';
export type SandboxOptions = Pick<SandboxDeps, 'behaviour' | 'signClock' | 'webhookKey' | 'ownUrl' | 'publicUrl'>;

export interface OrderModule extends ContextModule<OrderService> {
  /** Is an order at this time sale certainly refused? */
  isSoldOut(timeSaleId: bigint): boolean;
  /** Where customers of the sandbox pay. Undefined: it is not the provider. */
  readonly sandboxPayments: Pick<SandboxProvider, 'find' | 'choose'> | undefined;
}

export function createOrder(deps: ContextDeps, { coupon, point }: OrderParts, options: OrderOptions = {}): OrderModule {
  const { database, clock, nextId, metrics, log, bus } = deps;
  const { batchMax = BATCH_MAX, reservationMinutes = 10, onEvents = () => {} } = options;
  const sandbox = options.sandbox && sandboxProvider({ database, clock, log, ...options.sandbox });
  const timeSalesChanged = createNotifier();
  const goods = postgresGoodsReader(database);
  const goodsStore = postgresGoodsStore(database, () => timeSalesChanged.notify());

  const orders = checkout({
    storeFor: (batcher, concurrency) => postgresOrderStore(database.forBatcher(batcher, concurrency), nextId, onEvents),
    reader: postgresOrderReader(database),
    keys: postgresPlacedKeys(database.forBatcher('order.placed-before', 1)),
    services: { coupon, point },
    provider: sandbox?.provider ?? options.provider,
    creatorOf: async (id) => (await goods.findProduct(id, new Date(clock())))?.product.createdBy,
    clock,
    now: database.readTime,
    nextId,
    reservationMs: reservationMinutes * MINUTE_MS,
    withTimeout: orderTimeout(),
    onTrouble: (error, orderId) => log.warn({ err: error, orderId: String(orderId) }, 'a step of an order has to wait'),
    classify: classifyFailure,
    observer: batcherMetrics(metrics),
    batchMax,
  });
  bus.subscribe(PAYMENTS_CONSUMER, PAYMENT_TOPICS, orders.onPayment);
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
      ...orders.api,
    },
    isSoldOut: orders.isSoldOut,
    audits: orderAudits,
    jobs: [
      turnTimeSales(postgresTimeSaleWindows(database, nextId, onEvents), database.readTime, timeSalesChanged),
      orders.job,
      ...(sandbox?.jobs ?? []),
    ],
    sandboxPayments: sandbox,
    stop: orders.stop,
  };
}
