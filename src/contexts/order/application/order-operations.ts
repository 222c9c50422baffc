import type { StoreBatcherDeps } from '../../../platform/batching/command-batcher.ts';
import type { Clock, TimeSource } from '../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { type Monotonic, momentSource } from '../../../platform/kernel/moment.ts';
import type { WithTimeout } from '../../../platform/kernel/steps-timeout.ts';
import { NO_PROVIDER, type PaymentProvider } from '../../payment/api.ts';
import type { StoreChecks } from '../../store/api.ts';
import type { OrderService } from '../api.ts';
import { OPEN_ORDERS_MAX } from '../domain/order.ts';
import { cancelOrder } from './cancellation/cancel-order.ts';
import type { AdvanceDeps } from './checkout/advance-order.ts';
import type { CheckoutServices } from './checkout/execute-step.ts';
import { resumeOrders } from './checkout/resume-orders.ts';
import { checkoutRunner } from './checkout/run-checkout.ts';
import { orderBatcher } from './order-batcher.ts';
import { onPayment } from './payment/on-payment.ts';
import { payOrder } from './payment/pay-order.ts';
import { reportPayment } from './payment/report-payment.ts';
import { placeOrder } from './placement/place-order.ts';
import { placedKeyLookup } from './placement/placed-key-lookup.ts';
import type { MoneyReader, OrderReader, OrderStore, PlacedKeyReader, SaleGate } from './ports.ts';
import { getPayment, listPayments, listRefunds } from './read-money.ts';
import { getOrder, listOrders } from './read-orders.ts';
import { refundOrder } from './refund/refund-order.ts';
import { soldOutCache } from './time-sale/sold-out-cache.ts';

export interface OrderOperationsDeps extends StoreBatcherDeps<OrderStore> {
  readonly reader: OrderReader & MoneyReader;
  readonly keys: PlacedKeyReader;
  /** Undefined: nodes share no facts. */
  readonly gate?: SaleGate | undefined;
  readonly services: Pick<CheckoutServices, 'coupon' | 'point'>;
  /** Undefined: EXTERNAL payments are refused. */
  readonly provider: PaymentProvider | undefined;
  readonly stores: StoreChecks;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  /** Database time, by which orders are due. */
  readonly now: TimeSource;
  readonly nextId: IdSource;
  /** How long an order may stay unpaid. */
  readonly reservationMs: number;
  readonly currency: string;
  readonly withTimeout: WithTimeout;
  readonly onStepFailure: AdvanceDeps['onStepFailure'];
}

export type OrderOperations = ReturnType<typeof orderOperations>;

/** The operations on orders, payments and refunds, over the stores that `deps` provides. */
export function orderOperations(deps: OrderOperationsDeps) {
  const { reader, services, provider, stores, clock, monotonic, now, withTimeout, onStepFailure } = deps;
  const soldOut = soldOutCache();
  const moment = momentSource(clock, monotonic);
  const batcher = orderBatcher({ ...deps, soldOut, openOrdersMax: OPEN_ORDERS_MAX });
  const advancing: AdvanceDeps = {
    services: { ...services, provider: provider ?? NO_PROVIDER },
    batcher,
    reader,
    onStepFailure,
  };
  const operation = { reader, batcher, runner: checkoutRunner(advancing, withTimeout) };
  const keyLookup = placedKeyLookup(deps);
  return {
    api: {
      placeOrder: placeOrder({ ...operation, soldOut, gate: deps.gate, keyLookup, clock, monotonic }),
      getOrder: getOrder(reader),
      listOrders: listOrders(reader),
      listPayments: listPayments(reader),
      getPayment: getPayment(reader),
      listRefunds: listRefunds(reader),
      cancelOrder: cancelOrder(operation),
      refundOrder: refundOrder({ ...operation, stores }),
      payOrder: payOrder({ ...operation, methods: provider ? ['POINTS', 'EXTERNAL'] : ['POINTS'] }),
      reportPayment: reportPayment(operation),
    } satisfies Partial<OrderService>,
    isSoldOut: (timeSaleId: bigint): boolean => soldOut.isSoldOut(timeSaleId, moment()),
    /** Handles payment events. */
    onPayment: onPayment(operation),
    job: resumeOrders({ advancing, reader, now, withTimeout }),
    /** Resolves when nothing is queued or running. */
    async stop(): Promise<void> {
      await Promise.all([keyLookup.stop(), batcher.stop()]);
    },
  };
}
