import type { BatcherObserver, Failure } from '../../../platform/batching/batcher-observer.ts';
import type { ScheduledTask } from '../../../platform/context.ts';
import type { Handler } from '../../../platform/events/bus.ts';
import type { Clock, TimeSource } from '../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { Unavailable } from '../../../platform/kernel/refusal.ts';
import type { OrderService } from '../api.ts';
import { OPEN_ORDERS_MAX } from '../domain/order.ts';
import { cancelOrder } from './cancel-order.ts';
import type { DriveDeps } from './drive.ts';
import { learnBuyers } from './learn-buyers.ts';
import { onPayment } from './on-payment.ts';
import { type OrderBatcherDeps, orderBatcher } from './order-batcher.ts';
import type { WithTimeout } from './order-timeout.ts';
import { payOrder } from './pay-order.ts';
import type { CheckoutServices } from './perform-step.ts';
import { placeOrder } from './place-order.ts';
import { placedBefore } from './placed-before.ts';
import type { OrderReader, PaymentProvider, PlacedKeys } from './ports.ts';
import { getOrder, listOrders } from './read-orders.ts';
import { refundOrder } from './refund-order.ts';
import { reportPayment } from './report-payment.ts';
import { resumeOrders } from './scheduled/resume-orders.ts';
import { settle } from './settle.ts';
import { type SoldOutMemory, soldOutMemory } from './sold-out-memory.ts';

export interface CheckoutDeps {
  readonly storeFor: OrderBatcherDeps['storeFor'];
  readonly reader: OrderReader;
  readonly keys: PlacedKeys;
  readonly services: Pick<CheckoutServices, 'coupon' | 'point'>;
  /** Undefined: EXTERNAL payments are refused. */
  readonly provider: PaymentProvider | undefined;
  /** Who made a product; undefined: there is none. */
  readonly creatorOf: (productId: bigint) => Promise<bigint | undefined>;
  readonly clock: Clock;
  /** The store's own time: what is due is due by it. */
  readonly now: TimeSource;
  readonly nextId: IdSource;
  /** How long an order may stay unpaid. */
  readonly reservationMs: number;
  readonly withTimeout: WithTimeout;
  readonly onTrouble: DriveDeps['onTrouble'];
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
  readonly batchMax: number;
}

export interface Checkout {
  readonly api: Pick<
    OrderService,
    'placeOrder' | 'getOrder' | 'listOrders' | 'cancelOrder' | 'refundOrder' | 'payOrder' | 'reportPayment'
  >;
  isSoldOut(timeSaleId: bigint): boolean;
  /** Of payment events. */
  readonly onPayment: Handler;
  readonly job: ScheduledTask;
  /** Resolves when nothing is queued or under way. */
  stop(): Promise<void>;
}

/** Orders, payments and refunds over whatever keeps them. */
export function checkout(deps: CheckoutDeps): Checkout {
  const { reader, keys, services, provider, creatorOf, clock, now, withTimeout, onTrouble, classify, observer } = deps;
  const buyers = learnBuyers({ keys, clock, classify, observer });
  const soldOut: SoldOutMemory = soldOutMemory((timeSaleId) => buyers.learn(timeSaleId, soldOut));
  const batcher = orderBatcher({ ...deps, soldOut, openOrdersMax: OPEN_ORDERS_MAX });
  const driving: DriveDeps = {
    services: { ...services, provider: provider ?? NO_PROVIDER },
    batcher,
    reader,
    onTrouble,
  };
  const operation = { reader, batcher, settle: settle(driving, withTimeout) };
  const placed = placedBefore({ keys, classify, observer });
  return {
    api: {
      placeOrder: placeOrder({ ...operation, soldOut, placedBefore: placed, clock }),
      getOrder: getOrder(reader),
      listOrders: listOrders(reader),
      cancelOrder: cancelOrder(operation),
      refundOrder: refundOrder({ ...operation, creatorOf }),
      payOrder: payOrder({ ...operation, methods: provider ? ['POINTS', 'EXTERNAL'] : ['POINTS'] }),
      reportPayment: reportPayment(operation),
    },
    isSoldOut: (timeSaleId) => soldOut.isSoldOut(timeSaleId, clock()),
    onPayment: onPayment(operation),
    job: resumeOrders({ driving, reader, now, withTimeout }),
    async stop() {
      await Promise.all([placed.stop(), batcher.stop()]);
      await buyers.stop();
    },
  };
}

/** Payments that were begun with a provider that this node does not have wait for one that does. */
const away = () => Promise.reject(new Unavailable('DEPENDENCY_UNAVAILABLE', 'there is no payment provider'));
const NO_PROVIDER: PaymentProvider = { begin: away, refund: away };
