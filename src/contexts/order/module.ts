import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import { BATCH_MAX } from '../../platform/batching/batcher.ts';
import { batcherMetrics } from '../../platform/batching/batcher-observer.ts';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import { MINUTE_MS } from '../../platform/kernel/durations.ts';
import { createNotifier } from '../../platform/kernel/notifier.ts';
import { DEFAULT_SHOP } from '../../platform/kernel/shop.ts';
import { stepsTimeout } from '../../platform/kernel/steps-timeout.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import type { SharedFacts } from '../../platform/redis/facts/shared-facts.ts';
import { outageLog } from '../../platform/telemetry/outage-log.ts';
import type { CouponService } from '../coupon/api.ts';
import type { PaymentProvider } from '../payment/api.ts';
import type { PointService } from '../point/api.ts';
import type { StoreChecks } from '../store/api.ts';
import { orderAudits } from './adapters/postgres/audits/audits.ts';
import { orderEventAudit } from './adapters/postgres/audits/event-audit.ts';
import { postgresCatalogReader } from './adapters/postgres/catalog-reader.ts';
import { postgresCatalogStore } from './adapters/postgres/catalog-store.ts';
import { postgresOrderReader } from './adapters/postgres/order-reader.ts';
import { postgresOrderStore } from './adapters/postgres/order-store.ts';
import { postgresPlacedKeyReader } from './adapters/postgres/placed-key-reader.ts';
import { postgresStoreStates } from './adapters/postgres/store-states.ts';
import { postgresTimeSaleWindows } from './adapters/postgres/time-sale-windows.ts';
import { redisSaleGate } from './adapters/redis/sale-gate.ts';
import type { SandboxProvider } from './adapters/sandbox/sandbox-provider.ts';
import { ORDER_REFUSALS, type OrderService } from './api.ts';
import { createProduct } from './application/catalog/create-product.ts';
import { listPopularProducts } from './application/catalog/list-popular-products.ts';
import { onStoreState, STORE_TOPICS, STORES_CONSUMER } from './application/catalog/on-store-state.ts';
import { getProduct, listProducts } from './application/catalog/read-products.ts';
import { updateProduct } from './application/catalog/update-product.ts';
import { orderEvents } from './application/order-events.ts';
import { orderOperations } from './application/order-operations.ts';
import { PAYMENT_TOPICS, PAYMENTS_CONSUMER } from './application/payment/on-payment.ts';
import { applyTimeSaleTransitions } from './application/time-sale/apply-due-transitions.ts';
import { changeTimeSaleTerms, stopTimeSaleEarly } from './application/time-sale/change-time-sale.ts';
import { createTimeSale } from './application/time-sale/create-time-sale.ts';
import { getTimeSale, listTimeSales } from './application/time-sale/read-time-sales.ts';
import { transitionEvents } from './application/time-sale/time-sale-events.ts';
import { ORDER_EVENTS } from './events.ts';

export { claimSalesCalendar } from './adapters/postgres/sales-calendar.ts';

/** The contexts that this one calls. */
export interface OrderParts {
  readonly coupon: CouponService;
  readonly point: PointService;
  readonly store: StoreChecks;
}

export interface OrderOptions {
  /** Facts that nodes share. Undefined: they share none. */
  readonly sharedFacts?: SharedFacts | undefined;
  /** The largest number of inputs in a batch; 1 turns batching off, for measurements. */
  readonly batchMax?: number;
  /** How long an order may stay unpaid. Default 10. */
  readonly reservationMinutes?: number;
  /** ISO 4217, of new orders. Default: KRW. */
  readonly currency?: string;
  /** Takes EXTERNAL payments. Without it they are refused. */
  readonly provider?: PaymentProvider | undefined;
  /** Present when the sandbox is the provider: this context runs its tasks and shows its page. */
  readonly sandbox?: SandboxProvider | undefined;
  /** Called after a commit that wrote events, to wake the relay. */
  readonly onEvents?: () => void;
}

export { type SandboxBehaviour, type SandboxProvider, sandboxProvider } from './adapters/sandbox/sandbox-provider.ts';

export interface OrderModule extends ContextModule<OrderService> {
  /** Returns true when new orders at this time sale are refused from the cache, for no more than a look-up of their keys. */
  isSoldOut(timeSaleId: bigint): boolean;
  /** The payments page of the sandbox. Undefined when the sandbox is not the provider. */
  readonly sandboxPayments: Pick<SandboxProvider, 'find' | 'choose'> | undefined;
}

/** The topics of each consumer group. */
const SUBSCRIPTIONS = { [PAYMENTS_CONSUMER]: PAYMENT_TOPICS, [STORES_CONSUMER]: STORE_TOPICS } as const;

export const orderContext = {
  name: 'order',
  schema: 'orders',
  contract: async () => (await import('../../gen/wire/stampede/order/v1/order.ts')).OrderServiceDefinition,
  refusals: ORDER_REFUSALS,
  publishes: ORDER_EVENTS,
  // Its payments too: providers and orders both report them.
  alsoPublishes: [AUDIT_TOPIC, ...PAYMENT_TOPICS],
  consumes: () => Object.values(SUBSCRIPTIONS).flat(),
  audits: [...orderAudits, orderEventAudit],
  create: (kit, apis) => createOrder(kit, apis, kit),
} as const satisfies Context<ContextDeps & OrderOptions, OrderParts, OrderModule>;

export function createOrder(
  deps: ContextDeps<keyof typeof SUBSCRIPTIONS>,
  { coupon, point, store: stores }: OrderParts,
  options: OrderOptions = {},
): OrderModule {
  const { database, clock, nextId, metrics, log, bus } = deps;
  const {
    batchMax = BATCH_MAX,
    reservationMinutes = 10,
    currency = DEFAULT_SHOP.currency,
    provider,
    sandbox,
    sharedFacts,
    onEvents = () => {},
  } = options;
  const timeSalesChanged = createNotifier();
  const catalog = postgresCatalogReader(database);
  const onTimeSale = () => timeSalesChanged.notify();
  const changes = { store: postgresCatalogStore({ database, nextId, onTimeSale, onEvents }), stores };

  const failedSteps = outageLog({ log, subject: 'orderId', message: 'a step of an order failed and will be retried' });
  const orders = orderOperations({
    storeFor: (batcher, concurrency) =>
      postgresOrderStore({
        database: database.forBatcher(batcher, concurrency),
        nextId,
        eventsOf: orderEvents,
        onEvents,
      }),
    reader: postgresOrderReader(database),
    keys: postgresPlacedKeyReader(database.forBatcher('order.placed-keys', 1)),
    gate: sharedFacts && redisSaleGate(sharedFacts),
    services: { coupon, point },
    provider,
    stores,
    clock,
    monotonic: () => performance.now(),
    now: database.readTime,
    nextId,
    reservationMs: reservationMinutes * MINUTE_MS,
    currency,
    withTimeout: stepsTimeout(),
    onStepFailure: (error, orderId) => failedSteps.failed(error, { orderId: String(orderId) }),
    classify: classifyFailure,
    observer: batcherMetrics(metrics),
    batchMax,
  });
  bus.subscribe(PAYMENTS_CONSUMER, SUBSCRIPTIONS[PAYMENTS_CONSUMER], orders.onPayment);
  bus.subscribe(STORES_CONSUMER, SUBSCRIPTIONS[STORES_CONSUMER], onStoreState(postgresStoreStates(database)));
  return {
    api: {
      createProduct: createProduct(changes, clock, nextId),
      updateProduct: updateProduct(changes, catalog, clock),
      getProduct: getProduct(catalog, stores, clock),
      listProducts: listProducts(catalog, stores, clock),
      listPopularProducts: listPopularProducts(catalog, clock),
      createTimeSale: createTimeSale(changes, nextId),
      changeTimeSale: changeTimeSaleTerms(changes),
      stopTimeSale: stopTimeSaleEarly(changes),
      getTimeSale: getTimeSale(catalog, stores, clock),
      listTimeSales: listTimeSales(catalog, clock),
      ...orders.api,
    },
    isSoldOut: orders.isSoldOut,
    jobs: [
      applyTimeSaleTransitions(
        postgresTimeSaleWindows({ database, nextId, eventsOf: transitionEvents, onEvents }),
        database.readTime,
        timeSalesChanged,
      ),
      orders.job,
      ...(sandbox?.jobs ?? []),
    ],
    sandboxPayments: sandbox,
    stop: orders.stop,
  };
}
