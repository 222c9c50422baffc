import pg from 'pg';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { shopOn } from '../attacks/shop.ts';
import { openPolicy, type Stage, storeOf, until } from '../attacks/support.ts';
import type { SigningIssuer } from '../support/signing-issuer.ts';

/** A prepared statement that the program sent: its name, and what PostgreSQL keeps a plan of. */
export interface RecordedStatement {
  readonly name: string;
  readonly text: string;
  /** Sent by a batcher over its own connections, whose settings differ from those of queries. */
  readonly usesBatcherPool: boolean;
}

/** Of a client of the driver: what it connects with. */
type Session = pg.Client & { readonly connectionParameters: { readonly application_name?: string } };

/** Records every prepared statement that this process sends from now on. Call `stop` before the test ends. */
export function recordStatements(): { readonly statements: ReadonlyMap<string, RecordedStatement>; stop(): void } {
  const statements = new Map<string, RecordedStatement>();
  const { query } = pg.Client.prototype;
  const recording = function (this: Session, ...args: unknown[]) {
    const [config] = args as [Partial<pg.QueryConfig> | string];
    if (typeof config === 'object' && config.name !== undefined && config.text !== undefined) {
      const usesBatcherPool = this.connectionParameters.application_name === 'stampede-lane';
      const { name, text } = config;
      statements.set(`${usesBatcherPool} ${text}`, { name, text, usesBatcherPool });
    }
    return Reflect.apply(query, this, args);
  };
  pg.Client.prototype.query = recording as typeof query;
  return {
    statements,
    stop: () => {
      pg.Client.prototype.query = query;
    },
  };
}

/** Does once what customers, shops, events and jobs do, so that every batcher sends each of its statements. `issuer`: one of the stage. */
export async function exerciseEveryBatcher(on: Stage, issuer: SigningIssuer): Promise<void> {
  const shop = shopOn(on);
  const admin = shop.admin();
  const asAdmin = { token: admin };
  const must = async (answer: Promise<{ status: number; text: string }>) => {
    const { status, text } = await answer;
    if (status >= 300) throw new Error(`${status}: ${text}`);
  };

  // Coupons: reserved, extended, confirmed, restored, used, withdrawn, released.
  const [a, b, c] = [await shop.coupon('1', { restoreOnRefund: true }), await shop.coupon('2'), await shop.coupon('3')];
  const reserve = (user: string, couponId: string, orderId = `o-${user}`) =>
    must(shop.post(user, 'coupons/reserve', { reservationId: `r-${user}`, couponId, orderAmount: 20_000, orderId }));
  await reserve('1', a);
  await must(shop.post('1', 'coupons/reservations/r-1/extend?userId=1', {}, asAdmin));
  await must(shop.post('1', 'coupons/reservations/r-1/confirm?userId=1', {}, asAdmin));
  await must(shop.post('1', `coupons/${a}/restore`, { orderId: 'o-1' }, asAdmin));
  await must(shop.post('1', `coupons/${a}/use`, { orderId: 'o-4' }));
  await reserve('2', b);
  await must(on.call('DELETE', '/api/v1/coupons/apply/r-2', { token: on.token('2') }));
  await must(shop.post('1', `coupons/${b}/cancel`, { reason: 'x', returnStock: true }, asAdmin));
  await reserve('3', c);

  // The second of a policy is issued by one statement.
  const open = await openPolicy(on);
  for (const user of ['11', '12'])
    await must(on.call('POST', `/api/v1/coupons/policies/${open}/issue`, { token: on.token(user) }));

  // What users follow, and users of another issuer: a new one, and one who is not known.
  const storeId = await storeOf(on, '61');
  const policyId = await openPolicy(on, { storeId, validFrom: new Date(on.now() + HOUR_MS).toISOString() });
  for (const path of [`stores/${storeId}/subscription`, `coupon-policies/${policyId}/subscription`])
    for (const method of ['PUT', 'DELETE', 'PUT'])
      await must(on.call(method, `/api/v1/${path}`, { token: on.token('13') }));
  const token = await issuer.sign({ sub: 'customer' });
  await must(on.call('GET', '/api/v1/auth/profile', { token }));
  await on.call('GET', '/api/v1/coupons/users/ext:login:other', asAdmin);

  // Codes and events, lists and files.
  const coded = await openPolicy(on, { distributionType: 'CODE', maxIssueCount: null });
  await must(
    on.call('POST', `/api/v1/coupon-policies/${coded}/codes.csv`, {
      token: admin,
      text: 'code\nFIRST-CODE-1\n',
      headers: { 'content-type': 'text/csv' },
    }),
  );
  const redeem = async () =>
    (await on.call('POST', '/api/v1/coupons/download', { token: on.token('4'), json: { couponCode: 'FIRST-CODE-1' } }))
      .status;
  await until(async () => (await redeem()) < 300);
  const triggered = await openPolicy(on, { distributionType: 'EVENT', triggerEventType: 'point.earned' });
  const list = await openPolicy(on, { distributionType: 'DIRECT' });
  const given = { couponPolicyId: list, userIds: ['5'], issuedBy: 'jane' };
  await must(on.call('POST', '/api/v1/coupons/direct-issue', { token: admin, json: given }));
  await must(
    on.call('POST', `/api/v1/coupon-policies/${list}/direct-issue.csv`, {
      token: admin,
      text: 'userId\n6\n7\n',
      headers: { 'content-type': 'text/csv' },
    }),
  );

  // Points: charged, earned, used, given back.
  await shop.charge('8', 500_000);
  await must(shop.post('8', 'points/earn', { userId: '8', amount: 100, reason: 'x' }, asAdmin));
  const used = await shop.post('8', 'points/use', { amount: 50, orderId: 'p-1' });
  await must(shop.post('8', 'points/cancel', { transactionId: used.body.transactionId }, asAdmin));
  await shop.post('8', 'points/use', { amount: 900_000 });
  const couponsOf = (user: string) => on.call('GET', `/api/v1/coupons/users/${user}`, { token: on.token(user) });
  await until(async () => (await couponsOf('8')).text.includes(triggered));
  await until(async () => (await couponsOf('7')).body.coupons.length === 1);

  // Orders: with everything, paid and refunded; at a time sale; cancelled; paid by a provider.
  const productId = await shop.product();
  const timeSaleId = await shop.timeSale(productId, { quantity: 1, limitPerUser: 1 });
  const couponId = await shop.coupon('8');
  const full = await shop.placed('8', { items: [{ productId, quantity: 2 }], couponId, usePoints: 1_000 });
  await must(shop.pay('8', full.orderId));
  await must(shop.refund(full.orderId));
  const sale = { items: [{ productId, timeSaleId, quantity: 1 }] };
  await shop.placed('8', sale);
  // Refused from memory, unless the key is known.
  for (const user of ['9', '9']) await shop.post(user, 'orders', sale);
  const dropped = await shop.placed('8', { items: [{ productId, quantity: 1 }], usePoints: 10 });
  await must(shop.post('8', `orders/${dropped.orderId}/cancel`, {}));
  const outside = await shop.placed('8', { items: [{ productId, quantity: 1 }] });
  const payment = await shop.pay('8', outside.orderId, 'EXTERNAL');
  await must(shop.report({ paymentId: payment.body.paymentId, orderId: outside.orderId, amount: 15_000 }));
  await until(async () => (await shop.order('8', outside.orderId)).status === 'PAID');
}
