import { cancelCoupon } from '../../src/contexts/coupon/application/lifecycle/cancel-coupon.ts';
import { confirmReservation } from '../../src/contexts/coupon/application/lifecycle/confirm-reservation.ts';
import { onPayment as onPaymentOfCoupon } from '../../src/contexts/coupon/application/lifecycle/on-payment.ts';
import { releaseReservation } from '../../src/contexts/coupon/application/lifecycle/release-reservation.ts';
import { reserveCoupon } from '../../src/contexts/coupon/application/lifecycle/reserve-coupon.ts';
import { restoreCoupon } from '../../src/contexts/coupon/application/lifecycle/restore-coupon.ts';
import type { ReportPaymentRequest } from '../../src/contexts/order/api.ts';
import { cancelOrder } from '../../src/contexts/order/application/cancellation/cancel-order.ts';
import type { AdvanceDeps } from '../../src/contexts/order/application/checkout/advance-order.ts';
import { checkoutRunner } from '../../src/contexts/order/application/checkout/run-checkout.ts';
import { onPayment } from '../../src/contexts/order/application/payment/on-payment.ts';
import { payOrder } from '../../src/contexts/order/application/payment/pay-order.ts';
import { reportPayment } from '../../src/contexts/order/application/payment/report-payment.ts';
import { placeOrder } from '../../src/contexts/order/application/placement/place-order.ts';
import type { OrderReader } from '../../src/contexts/order/application/ports.ts';
import { refundOrder } from '../../src/contexts/order/application/refund/refund-order.ts';
import { reportCharge } from '../../src/contexts/point/application/charges/report-charge.ts';
import type { ChargeDeps } from '../../src/contexts/point/application/charges/request-payment.ts';
import { startCharge } from '../../src/contexts/point/application/charges/start-charge.ts';
import { onOrder } from '../../src/contexts/point/application/earnings/on-order.ts';
import { captureHold } from '../../src/contexts/point/application/holds/capture-hold.ts';
import { holdPoints } from '../../src/contexts/point/application/holds/hold-points.ts';
import { refundCapture } from '../../src/contexts/point/application/holds/refund-capture.ts';
import { releaseHold } from '../../src/contexts/point/application/holds/release-hold.ts';
import { spendPoints } from '../../src/contexts/point/application/holds/spend-points.ts';
import type { PointStore } from '../../src/contexts/point/application/ports.ts';
import { cancelTransaction } from '../../src/contexts/point/application/postings/cancel-transaction.ts';
import { chargePoints } from '../../src/contexts/point/application/postings/charge-points.ts';
import type { Clock } from '../../src/platform/kernel/clock.ts';
import type { Monotonic } from '../../src/platform/kernel/moment.ts';
import { refusalIn } from '../../src/platform/kernel/refusal.ts';
import type { WithTimeout } from '../../src/platform/kernel/steps-timeout.ts';
import { NO_STORES } from '../support/stores.ts';
import type { Batchers } from './batchers.ts';
import type { Owner } from './kernel.ts';
import { NO_MACHINES } from './no-machines.ts';
import type { World } from './world.ts';

export interface OperationParts {
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly batchers: Batchers;
  readonly reader: OrderReader;
  readonly withTimeout: WithTimeout;
  readonly onStepFailure: AdvanceDeps['onStepFailure'];
}

export type Operations = ReturnType<typeof operationsOf>['operations'];

/** Wired as the composition root does, but for what is underneath. */
export function operationsOf(
  world: World,
  owner: Owner,
  { clock, monotonic, batchers, reader, withTimeout, onStepFailure }: OperationParts,
) {
  const { kernel, shop } = world;
  const { orders: batcher, soldOut, ledger } = batchers;
  const resultLookup = { find: () => Promise.resolve(undefined) };
  const couponOperation = { lifecycle: batchers.lifecycle, resultLookup, clock };
  const coupon = {
    reserveCoupon: reserveCoupon(couponOperation),
    confirmReservation: confirmReservation(couponOperation, NO_MACHINES),
    releaseReservation: releaseReservation(couponOperation, NO_MACHINES),
    restoreCoupon: restoreCoupon(couponOperation),
  };
  const point = {
    holdPoints: holdPoints(ledger),
    spendPoints: spendPoints(ledger),
    captureHold: captureHold(ledger),
    releaseHold: releaseHold(ledger),
    refundCapture: refundCapture(ledger),
  };
  const provider = world.provider.of(owner);
  const advancing: AdvanceDeps = { services: { coupon, point, provider }, batcher, reader, onStepFailure };
  const charging: ChargeDeps = { ledger, provider, onStepFailure };
  const pointReader = pointReaderOf(world, owner);
  const onRefund = () => {};
  const takeCharge = reportCharge({ ledger, reader: pointReader, onRefund });
  const operation = { reader, batcher, runner: checkoutRunner(advancing, withTimeout) };
  const takePayment = reportPayment(operation);
  const keyLookup = {
    async isPlaced({ userId, key }: { readonly userId: bigint; readonly key: string }) {
      await kernel.turn(owner, '');
      return [...shop.orders.state.orders.values()].some((order) => order.userId === userId && order.key === key);
    },
  };
  return {
    consumers: {
      coupon: onPaymentOfCoupon(batchers.lifecycle),
      order: onPayment(operation),
      earnings: onOrder({ ledger, reader: shop.points.store, ...shop.earning }),
    },
    advancing,
    charging,
    operations: {
      placeOrder: placeOrder({ ...operation, soldOut, keyLookup, clock, monotonic }),
      payOrder: payOrder({ ...operation, methods: ['POINTS', 'EXTERNAL'] }),
      cancelOrder: cancelOrder(operation),
      refundOrder: refundOrder({
        ...operation,
        stores: NO_STORES,
      }),
      /** As the webhook: the provider knows a charge of points as an order whose id is that of the charge. */
      async reportPayment(report: ReportPaymentRequest) {
        const response = await takePayment(report);
        if (refusalIn(response)?.code !== 'ORDER_NOT_FOUND') return response;
        const { orderId: chargeId, ...rest } = report;
        return await takeCharge({ ...rest, chargeId });
      },
      chargePoints: chargePoints(ledger),
      startCharge: startCharge({ ...charging, currency: 'KRW', withTimeout }),
      cancelTransaction: cancelTransaction(pointReader, ledger, onRefund),
      cancelCoupon: cancelCoupon(couponOperation, NO_STORES),
    },
  };
}

/** Reads take their time, too. */
function pointReaderOf({ kernel, shop }: World, owner: Owner): Pick<PointStore, 'findCharge' | 'findTransaction'> {
  const { store } = shop.points;
  return {
    async findCharge(id) {
      await kernel.turn(owner, '');
      return await store.findCharge(id);
    },
    async findTransaction(id) {
      await kernel.turn(owner, '');
      return await store.findTransaction(id);
    },
  };
}
