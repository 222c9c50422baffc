import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientRequest, type Final, type RetryingClient, retryingClient } from './retrying-client.ts';
import { HOUR_MS, MONTH_MS } from './rush-faults.ts';
import type { System } from './system.ts';

export interface CheckoutOptions {
  readonly checkouts: number;
  /** Customers at once. */
  readonly clients: number;
  /** Called once, when a quarter of the customers is done. Its end is waited for. */
  readonly fault: () => Promise<void>;
}

/** The last response about a customer's order; without one the order has no id. */
export interface Data {
  readonly user: string;
  readonly orderId: string | null;
  readonly status: string;
  /** Of refunds that were acknowledged: money and points. */
  readonly refunded: number;
}

export interface Checkouts {
  readonly data: readonly Data[];
  readonly again: ReadonlyMap<string, number>;
  /** Responses that must not occur. */
  readonly wrong: readonly string[];
}

/** What every customer gets first. */
export const CHARGED = 20_000;
const ADMIN = '1';
/** Refusals that a shop with few units, a hot sale and a payment that may come late gives. */
const REFUSALS = [
  'OUT_OF_STOCK',
  'PURCHASE_LIMIT_EXCEEDED',
  'INSUFFICIENT_POINTS',
  'PAYMENT_DECLINED',
  'COUPON_SOLD_OUT',
];
/** A report of the sandbox comes within seconds; after a fault it may need its next attempt. */
const REPORT_TRIES = 20;

export interface Goods {
  readonly policyId: string;
  readonly productId: string;
  readonly timeSaleId: string;
}

/** Customers who get points and a coupon, order, pay and change their minds, each retrying with the same keys until a final response. */
export async function checkouts(
  system: System,
  { checkouts: count, clients, fault }: CheckoutOptions,
): Promise<Checkouts> {
  const client = retryingClient(system, { connections: clients });
  const data: Data[] = [];
  const wrong: string[] = [];
  const begin = Promise.withResolvers<void>();
  const faulted = begin.promise.then(fault);
  faulted.catch(() => {}); // awaited below, after all have their response
  let next = 0;
  try {
    const goods = await openShop(client, count);
    await Promise.all(
      Array.from({ length: clients }, async () => {
        while (next < count) {
          const number = next++;
          const visitor = visit(client, goods, number).catch(
            (error: unknown) => void wrong.push(`${number}: ${error}`),
          );
          const last = await visitor;
          if (last) data.push(last);
          if (data.length === Math.ceil(count / 4)) begin.resolve();
        }
      }),
    );
    if (wrong.length === 0) await faulted;
    return { data, again: client.again, wrong };
  } finally {
    await client.close();
  }
}

/** A product with enough for most, a sale of it with enough for few, and coupons for half of all. */
export async function openShop(client: RetryingClient, count: number): Promise<Goods> {
  const name = randomUUID();
  const post = async (path: string, json: Readonly<Record<string, unknown>>) =>
    expectStatus(await client.send({ user: ADMIN, role: 'ADMIN', path, json, key: `${path} of ${name}` }), 201);
  const window = {
    from: new Date(Date.now() - HOUR_MS).toISOString(),
    until: new Date(Date.now() + MONTH_MS).toISOString(),
  };
  const { couponPolicyId: policyId } = await post('coupon-policies', {
    name: 'Checkouts',
    discountType: 'FIXED_AMOUNT',
    discountValue: 1_000,
    distributionType: 'FIRST_COME',
    maxIssueCount: Math.ceil(count / 2),
    validDays: 7,
    validFrom: window.from,
    validUntil: window.until,
  });
  const { productId } = await post('products', { name: 'Mug', description: 'blue', price: 7_000, stock: 2 * count });
  const sale = { productId, salePrice: 5_000, quantity: Math.ceil(count / 5), limitPerUser: 1 };
  const { timeSaleId } = await post('time-sales', { ...sale, startsAt: window.from, endsAt: window.until });
  return { policyId, productId, timeSaleId };
}

/** Everything that one customer does. Their number decides what. */
export async function visit(
  client: RetryingClient,
  { policyId, productId, timeSaleId }: Goods,
  number: number,
): Promise<Data> {
  const user = String(100_000 + number);
  const post = async (
    path: string,
    json: Readonly<Record<string, unknown>>,
    as: Pick<ClientRequest, 'user' | 'role'> = { user, role: 'CUSTOMER' },
  ) => {
    const question = { ...as, path, json, key: `${path.split('/')[0]} of ${user}` };
    const first = await client.send(question);
    if (number % 4 !== 1) return first;
    // A customer in doubt repeats the request. A refusal without a record is decided again: units may have been returned.
    const second = await client.send(question);
    expectSame(first, second);
    return isRefused(first) ? second : first;
  };
  expectStatus(await post('points/charge', { userId: user, amount: CHARGED }, { user: ADMIN, role: 'ADMIN' }), 201);
  const issued = number % 2 === 0 ? await post(`coupons/policies/${policyId}/issue`, {}) : undefined;
  const couponId: string | undefined = issued?.body.couponId;
  const item = number % 3 === 0 ? { productId, timeSaleId, quantity: 1 } : { productId, quantity: 1 + (number % 2) };
  const placed = await post('orders', {
    items: [item],
    ...(couponId === undefined ? {} : { couponId }),
    ...(number % 5 < 2 ? { usePoints: 1_500 } : {}),
  });
  if (isRefused(placed)) return { user, orderId: null, status: placed.body.code, refunded: 0 };
  const { orderId } = expectStatus(placed, 201);
  const name = { user, orderId };
  if (number % 16 === 7) return { ...name, status: 'RESERVED', refunded: 0 };
  if (number % 16 === 11) {
    const { status } = expectStatus(
      await client.send({ user, path: `orders/${orderId}/cancel`, json: {}, key: `cancel ${user}` }),
      200,
    );
    return { ...name, status, refunded: 0 };
  }
  const paid = await post('payments', { orderId, method: number % 4 < 2 ? 'POINTS' : 'EXTERNAL' });
  if (isRefused(paid)) return { ...name, status: 'RESERVED', refunded: 0 };
  expectStatus(paid, 201);
  const status = await outcomeOf(client, user, orderId);
  if (status !== 'PAID' || number % 8 !== 1) return { ...name, status, refunded: 0 };
  const refund = { user: ADMIN, role: 'ADMIN' as const, path: `orders/${orderId}/refund`, key: `refund of ${user}` };
  const { amount, points } = expectStatus(await client.send({ ...refund, json: { reason: 'Broken' } }), 200);
  return { ...name, status: 'REFUNDED', refunded: amount + points };
}

/** PAID after the provider's report; RESERVED when that takes too long. */
async function outcomeOf(client: RetryingClient, user: string, orderId: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const { status } = expectStatus(await client.send({ user, path: `orders/${orderId}` }), 200);
    if (status !== 'RESERVED' || tries === REPORT_TRIES) return status;
    await sleep(250);
  }
}

/** The same thing, however it has gone on since; a refusal that took nothing may be another one. */
function expectSame(first: Final, second: Final): void {
  for (const id of ['orderId', 'paymentId', 'transactionId'] as const) {
    if (first.body[id] !== undefined && first.body[id] !== second.body[id] && !isFailed(second)) {
      throw new Error(`${JSON.stringify(first)} and then ${JSON.stringify(second)}`);
    }
  }
}
/** The response for an order that ended meanwhile contains its end. */
const isFailed = ({ status, body }: Final): boolean =>
  status >= 400 && ['ORDER_EXPIRED', 'PAYMENT_DECLINED'].includes(body.code);

const isRefused = ({ status, body }: Final): boolean => status >= 400 && REFUSALS.includes(body.code);

function expectStatus({ status, body }: Final, wanted: number): Final['body'] {
  if (status !== wanted) throw new Error(`${status} instead of ${wanted}: ${JSON.stringify(body)}`);
  return body;
}
