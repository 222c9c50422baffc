import { randomUUID } from 'node:crypto';
import { signedHeaders } from '../../src/platform/http/webhook-signature.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { type Answer, openPolicy, type Stage, testUsers, WEBHOOK_KEY } from './support.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Ask {
  /** Null = none; left out: one of its own. */
  readonly key?: string | null;
  readonly token?: string;
}

/** What tests of orders do over HTTP, as customers and as the shop. */
export interface Shop {
  admin(): string;
  /** A new user. */
  newUser(): string;
  /** With an Idempotency-Key. */
  post(user: string, path: string, json: unknown, ask?: Ask): Promise<Answer>;
  product(changes?: Json): Promise<string>;
  timeSale(productId: string, changes?: Json): Promise<string>;
  /** A coupon of the user's, of a policy of its own: 3,000 by default. */
  coupon(user: string, changes?: Json): Promise<string>;
  /** As ADMIN, without a payment. */
  charge(user: string, amount: number): Promise<void>;
  /** Two units at 15,000, by default: an order that must succeed. */
  placed(user: string, changes?: Json): Promise<Answer['body']>;
  pay(user: string, orderId: string, method?: 'POINTS' | 'EXTERNAL', ask?: Ask): Promise<Answer>;
  refund(orderId: string, json?: Json, ask?: Ask): Promise<Answer>;
  order(user: string, orderId: string): Promise<Answer['body']>;
  productNow(productId: string): Promise<Answer['body']>;
  points(user: string): Promise<Answer['body']>;
  couponStatus(user: string, couponId: string): Promise<string>;
  /** A provider's report, signed by default. */
  report(data: Json, changes?: ReportChanges): Promise<Answer>;
}

export interface ReportChanges {
  readonly type?: string;
  readonly timestamp?: number;
  readonly key?: Buffer;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const PRICE = 15_000;

export function shopOn(on: Stage): Shop {
  let keys = 0;
  let users = 0;
  const testUser = testUsers();
  /** No other shop has used its keys. */
  const own = randomUUID();
  const admin = (): string => on.token('1', 'ADMIN');
  const bodyOf = async (asked: Promise<Answer>, status: number): Promise<Answer['body']> => {
    const answer = await asked;
    if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`);
    return answer.body;
  };
  const get = (user: string, path: string) => bodyOf(on.call('GET', `/api/v1/${path}`, { token: on.token(user) }), 200);
  const post: Shop['post'] = (user, path, json, { key = `${own}-${++keys}`, token = on.token(user) } = {}) =>
    on.call('POST', `/api/v1/${path}`, { token, json, headers: key === null ? {} : { 'idempotency-key': key } });
  const shop: Shop = {
    admin,
    newUser: () => testUser(++users),
    post,
    async product(changes = {}) {
      const json = { name: 'Drip coffee', description: '20 bags', price: PRICE, stock: 100, ...changes };
      return (await bodyOf(post('1', 'products', json, { token: admin() }), 201)).productId;
    },
    async timeSale(productId, changes = {}) {
      const json = {
        productId,
        salePrice: 9_900,
        quantity: 10,
        limitPerUser: 2,
        startsAt: new Date(on.now() - HOUR_MS).toISOString(),
        endsAt: new Date(on.now() + HOUR_MS).toISOString(),
        ...changes,
      };
      return (await bodyOf(post('1', 'time-sales', json, { token: admin() }), 201)).timeSaleId;
    },
    async coupon(user, changes = {}) {
      const policyId = await openPolicy(on, changes);
      return (await bodyOf(post(user, `coupons/policies/${policyId}/issue`, {}), 201)).couponId;
    },
    async charge(user, amount) {
      // Tests may have several shops, and the administrator is the same.
      const ask = { token: admin(), key: randomUUID() };
      await bodyOf(post('1', 'points/charge', { userId: user, amount }, ask), 201);
    },
    async placed(user, changes = {}) {
      const items = changes['items'] ?? [{ productId: await shop.product(), quantity: 2 }];
      return bodyOf(post(user, 'orders', { ...changes, items }), 201);
    },
    pay: (user, orderId, method = 'POINTS', ask = {}) => post(user, 'payments', { orderId, method }, ask),
    refund: (orderId, json = {}, ask = {}) =>
      post('1', `orders/${orderId}/refund`, { reason: 'Broken', ...json }, { token: admin(), ...ask }),
    order: (user, orderId) => get(user, `orders/${orderId}`),
    productNow: (productId) => get('1', `products/${productId}`),
    points: (user) => get(user, `points/users/${user}/balance`),
    async couponStatus(user, couponId) {
      const { coupons } = await get(user, `coupons/users/${user}?limit=100`);
      return coupons.find((coupon: { couponId: string }) => coupon.couponId === couponId)?.status;
    },
    report(data, { type = 'payment.completed', timestamp = Math.floor(on.realNow() / 1_000), ...changes } = {}) {
      const body = changes.text ?? JSON.stringify({ type, timestamp: new Date(on.realNow()).toISOString(), data });
      const headers = signedHeaders([changes.key ?? WEBHOOK_KEY], { id: `msg_${own}_${++keys}`, timestamp, body });
      return on.call('POST', '/api/v1/payments/webhook', { text: body, headers: { ...headers, ...changes.headers } });
    },
  };
  return shop;
}
