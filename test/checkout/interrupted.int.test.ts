import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Coupon } from '../../src/contexts/coupon/api.ts';
import type { Order, Product } from '../../src/contexts/order/api.ts';
import type { OrderOperations } from '../../src/contexts/order/application/order-operations.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { ADMIN, checkoutFixture, codeOf, type Fixture, given } from './fixture.ts';
import { killableProcess } from './killable-process.ts';

let on: Fixture;
beforeAll(async () => {
  on = await checkoutFixture();
});
afterAll(() => on.close());

/** What a customer has before the order: 30,000 points and a coupon of 1,000. */
interface Customer {
  readonly userId: bigint;
  readonly coupon: Coupon;
  readonly product: Product;
}
async function customer(): Promise<Customer> {
  const [product, userId] = [await on.product(), on.newUser()];
  const coupon = await on.couponOf(userId);
  await on.charge(userId, 30_000n);
  return { userId, coupon, product };
}

type Api = OrderOperations['api'];
const place = async (api: Api, { userId, coupon, product }: Customer) =>
  await api.placeOrder({
    userId,
    key: `place ${userId}`,
    items: [{ productId: product.id, quantity: 2 }],
    couponId: coupon.id,
    usePoints: 3_000n,
  });
const pay = async (api: Api, { id: orderId, userId }: Order, method: 'POINTS' | 'EXTERNAL') =>
  await api.payOrder({ orderId, userId, key: `pay ${orderId}`, method });
const refund = async (api: Api, { id: orderId }: Order) =>
  await api.refundOrder({ principal: ADMIN, orderId, key: `refund ${orderId}`, lines: [], reason: 'broken' });

/** What is done by requests that a process may not survive. Each may be asked again, with the same keys, on any node. */
interface Journey {
  readonly requests: (api: Api, customer: Customer) => Promise<unknown>;
  /** Where it ends when it is asked to the end. */
  readonly status: string;
  readonly points: bigint;
  /** Points of a customer who has paid. */
  readonly paidLeaves: bigint;
  readonly coupon: string;
}
const JOURNEYS: Readonly<Record<string, Journey>> = {
  'paid with points': {
    async requests(api, who) {
      const order = given((await place(api, who)).outcome);
      given((await pay(api, order, 'POINTS')).outcome);
    },
    status: 'PAID',
    points: 11_000n,
    paidLeaves: 11_000n,
    coupon: 'USED',
  },
  'paid outside': {
    async requests(api, who) {
      const order = given((await place(api, who)).outcome);
      given((await pay(api, order, 'EXTERNAL')).outcome);
    },
    status: 'PAID',
    points: 27_000n,
    paidLeaves: 27_000n,
    coupon: 'USED',
  },
  cancelled: {
    async requests(api, who) {
      const order = given((await place(api, who)).outcome);
      given((await api.cancelOrder({ orderId: order.id, userId: who.userId })).outcome);
    },
    status: 'CANCELLED',
    points: 30_000n,
    paidLeaves: 0n,
    coupon: 'ISSUED',
  },
  'paid with points and refunded': {
    async requests(api, who) {
      const order = given((await place(api, who)).outcome);
      given((await pay(api, order, 'POINTS')).outcome);
      given((await refund(api, order)).outcome);
    },
    status: 'REFUNDED',
    points: 30_000n,
    paidLeaves: 11_000n,
    coupon: 'ISSUED',
  },
  'paid outside and refunded': {
    async requests(api, who) {
      const order = given((await place(api, who)).outcome);
      given((await pay(api, order, 'EXTERNAL')).outcome);
      given((await refund(api, order)).outcome);
    },
    status: 'REFUNDED',
    points: 30_000n,
    paidLeaves: 27_000n,
    coupon: 'ISSUED',
  },
};

/** More than any journey takes. */
const CALLS_MAX = 60;

/** What became of a customer's order, points and coupon. */
async function left({ userId, coupon }: Customer) {
  const { orders } = await on.order.listOrders({
    userId,
    from: undefined,
    to: undefined,
    page: { limit: 100, cursor: '' },
  });
  return {
    statuses: orders.map(({ status }) => status),
    points: await on.points(userId),
    coupon: await on.couponStatus(coupon),
  };
}

describe.each(Object.entries(JOURNEYS))(
  'a checkout that is %s',
  (_, { requests, status, points, paidLeaves, coupon }) => {
    /** Lets a process die after each number of calls; `then` is what happens afterwards. Answers how many deaths there were. */
    async function deaths(then: (who: Customer, calls: number) => Promise<void>): Promise<number> {
      for (let calls = 1; calls < CALLS_MAX; calls++) {
        on.outside.behave('COMPLETE');
        const who = await customer();
        const process = killableProcess(calls);
        const fate = await requests(on.node(process).api, who).then(
          () => 'done',
          () => 'died',
        );
        await then(who, calls);
        if (fate === 'done') return calls - 1;
      }
      throw new Error('it never came to its end');
    }

    it('an interrupted checkout is completed by the scheduled task, wherever its process died', async () => {
      const ends = new Set<string>();
      const count = await deaths(async (who, calls) => {
        await on.untilRest();
        const now = await left(who);
        // Before anything was written there is no order.
        const [end = 'none'] = now.statuses;
        ends.add(end);
        const outcome = { calls, coupon: now.coupon, points: now.points };
        if (end === 'PAID') expect(outcome).toEqual({ calls, coupon: 'USED', points: [paidLeaves, 0n] });
        else expect(outcome).toEqual({ calls, coupon: 'ISSUED', points: [30_000n, 0n] });
      });
      expect(count).toBeGreaterThan(5);
      expect(ends).toContain(status);
      expect(await on.violations()).toEqual([]);
    });

    it('an interrupted checkout is completed by a repeat on another node, wherever its process died', async () => {
      const other = on.node().api;
      await deaths(async (who) => {
        await requests(other, who);
        await on.untilRest();
        expect(await left(who)).toEqual({ statuses: [status], points: [points, 0n], coupon });
      });
      expect(await on.violations()).toEqual([]);
    });
  },
);

it('an expired checkout is completed by the scheduled task, wherever the process of the task died', async () => {
  for (let calls = 1, isDone = false; !isDone; calls++) {
    const who = await customer();
    const order = given((await place(on.order, who)).outcome);
    on.outside.behave('LATER');
    given((await pay(on.order, order, 'EXTERNAL')).outcome);
    on.later(10 * MINUTE_MS);
    const process = killableProcess(calls);
    const { signal } = new AbortController();
    isDone = await on
      .node(process)
      .job.run(signal)
      .then(
        () => process.calls() < calls,
        () => false,
      );
    await on.untilRest();
    expect(await left(who)).toEqual({ statuses: ['EXPIRED'], points: [30_000n, 0n], coupon: 'ISSUED' });
  }
  expect(await on.violations()).toEqual([]);
});

it('a checkout whose coupon is gone refunds its payment, wherever the process died', async () => {
  for (let calls = 1, isDone = false; !isDone; calls++) {
    const who = await customer();
    const order = given((await place(on.order, who)).outcome);
    on.outside.behave('LATER');
    const payment = given((await pay(on.order, order, 'EXTERNAL')).outcome);
    const gone = { principal: ADMIN, couponId: who.coupon.id, reason: '', returnStock: false, orderCancelled: true };
    given((await on.coupon.cancelCoupon(gone)).outcome);
    const process = killableProcess(calls);
    const news = { paymentId: payment.id, orderId: order.id, status: 'COMPLETED', amount: order.total };
    isDone = await on
      .node(process)
      .api.reportPayment(news)
      .then(
        () => process.calls() < calls,
        () => false,
      );
    // A provider that was not answered reports again.
    expect(codeOf(await on.order.reportPayment(news))).toBe('payment');
    await on.untilRest();
    expect(await left(who)).toEqual({ statuses: ['FAILED'], points: [30_000n, 0n], coupon: 'CANCELLED' });
    expect(on.outside.refunded.get(payment.id)).toBe(order.total);
  }
  expect(await on.violations()).toEqual([]);
});
