import { redisSaleGate } from '../../../src/contexts/order/adapters/redis/sale-gate.ts';
import type { OrderResponse, PlaceOrderRequest } from '../../../src/contexts/order/api.ts';
import { type OrderOperations, orderOperations } from '../../../src/contexts/order/application/order-operations.ts';
import type { PaymentProvider } from '../../../src/contexts/payment/api.ts';
import { Unavailable } from '../../../src/platform/kernel/refusal.ts';
import { stepsTimeout } from '../../../src/platform/kernel/steps-timeout.ts';
import { classifyFailure } from '../../../src/platform/postgres/failures.ts';
import { NO_STORES } from '../../support/stores.ts';
import { sharedFacts } from '../cluster/redis.ts';
import type { Owner } from '../kernel.ts';
import { openMachine } from '../machine.ts';
import { openNodeTime } from '../node-time.ts';
import { saleDatabase } from './database.ts';
import { placementProblems } from './placement-problems.ts';
import type { SaleWorld } from './world.ts';

/** A process that hosts the order context, wired by the context itself, over connections and clocks of the simulation. */
export interface SaleNode {
  readonly owner: Owner;
  readonly api: Pick<OrderOperations['api'], 'placeOrder' | 'cancelOrder' | 'payOrder' | 'refundOrder'>;
  /** No request to place an order is under way. */
  isIdle(): boolean;
  /** Measures the offset of its clock again, when that may be needed. */
  keepTime(): void;
  /** Runs the scheduled task that ends orders whose time is over. */
  resumeOrders(): void;
}

/** How long an order may stay unpaid. */
const HOLD_MS = 1_500;

export function openSaleNode(world: SaleWorld, name: string): SaleNode {
  const { kernel, complain, nextId, machines } = world;
  const owner: Owner = { name, status: 'UP' };
  const machine = machines.get(name) ?? openMachine(kernel.chance, kernel.clock);
  machines.set(name, machine);
  kernel.showClock(name, machine.wall);
  const time = openNodeTime(world, owner, machine);
  const judge = (error: unknown) => {
    if (isUnexpected(error)) complain(`${name}: ${String(error)}`);
  };
  const { store, reader, keys } = saleDatabase(world, owner, time);
  const orders = orderOperations({
    classify: classifyFailure,
    batchMax: kernel.chance.of([1, 2, 256]),
    storeFor: () => store,
    reader,
    keys,
    gate: world.redis && redisSaleGate(sharedFacts),
    services: NO_SERVICES,
    provider: providerOf(world, owner),
    stores: NO_STORES,
    clock: time.estimate,
    monotonic: machine.monotonic,
    now: time.read,
    nextId,
    reservationMs: HOLD_MS,
    currency: 'KRW',
    withTimeout: stepsTimeout(),
    onStepFailure: judge,
  });

  /** The requests that are under way, and when each of them came. */
  const underWay = new Set<{ readonly request: PlaceOrderRequest; readonly atMs: number }>();
  async function placeOrder(request: PlaceOrderRequest): Promise<OrderResponse> {
    const names = ({ items }: PlaceOrderRequest) => items.map(({ timeSaleId }) => timeSaleId);
    const others = [...underWay].filter((each) => names(each.request).some((id) => names(request).includes(id)));
    const received = {
      request,
      atMs: kernel.clock(),
      atStep: kernel.steps(),
      // One of them may be refreshing the fact that refuses this one, which may be older meanwhile (ADR 3).
      refreshedSinceMs: Math.min(kernel.clock(), ...others.map(({ atMs }) => atMs)),
    };
    underWay.add(received);
    try {
      const response = await orders.api.placeOrder(request);
      for (const problem of placementProblems(world, received, response)) complain(`${name}: ${problem}`);
      return response;
    } finally {
      underWay.delete(received);
    }
  }

  return {
    owner,
    api: { ...orders.api, placeOrder },
    isIdle: () => underWay.size === 0,
    keepTime() {
      if (time.isSuspect() || kernel.chance.happens(0.1)) void time.measure();
    },
    resumeOrders() {
      // As a step of this process, so that its timers are its own.
      kernel.schedule(owner, kernel.clock(), () => void orders.job.run(new AbortController().signal).catch(judge));
    },
  };
}

/** Neither a request to repeat nor a failure of the database. */
export const isUnexpected = (error: unknown): boolean =>
  !(error instanceof Unavailable) && classifyFailure(error) === 'poison';

/** Takes the money at once, or declines. */
function providerOf({ kernel }: SaleWorld, owner: Owner): PaymentProvider {
  return {
    async begin({ paymentId }) {
      await kernel.turn(owner, '');
      const providerRef = `ref-${paymentId}`;
      // A repeat gets the same.
      const isDeclined = paymentId % 5n === 0n;
      return isDeclined ? { kind: 'DECLINED', providerRef, reason: 'no money' } : { kind: 'COMPLETED', providerRef };
    },
    refund: () => kernel.turn(owner, ''),
  };
}

/** No order here has a coupon or uses points. */
const unexpected = () => Promise.reject(new Error('another context was called'));
const NO_SERVICES = {
  coupon: {
    reserveCoupon: unexpected,
    confirmReservation: unexpected,
    releaseReservation: unexpected,
    restoreCoupon: unexpected,
  },
  point: {
    holdPoints: unexpected,
    spendPoints: unexpected,
    captureHold: unexpected,
    releaseHold: unexpected,
    refundCapture: unexpected,
  },
};
