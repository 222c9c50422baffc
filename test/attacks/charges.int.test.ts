import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shopOn } from './shop.ts';
import { type Answer, type Stage, stage, testUsers } from './support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});

const said = ({ status, body }: Answer) => `${status} ${body.code ?? body.status}`;
const charge = (user: string, amount: number, key: string, from = on) =>
  from.call('POST', '/api/v1/points/charge', {
    token: from.token(user),
    json: { amount },
    headers: { 'idempotency-key': key },
  });
const chargeNow = async (user: string, chargeId: string) =>
  await on.call('GET', `/api/v1/points/charges/${chargeId}`, { token: on.token(user) });
const choose = (url: string, outcome: string) => {
  const { pathname } = new URL(url);
  return on.call('POST', pathname, { json: { outcome } });
};
async function until<Value>(read: () => Promise<Value>, isEnough: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries++) {
    const value = await read();
    if (isEnough(value)) return value;
    if (tries === 100) throw new Error(`still ${JSON.stringify(value)}`);
    await sleep(100);
  }
}

describe('points that a customer charges', () => {
  it('docs/attacks.md 73: points are credited when their money is in, and cannot be spent before', async () => {
    const shop = shopOn(on);
    const started = await charge(testUser(8001), 5_000, 'a');
    expect(said(started)).toBe('201 PENDING');
    expect(started.body).toMatchObject({ userId: testUser(8001), amount: 5_000, transactionId: null, balance: null });
    const use = () => shop.post(testUser(8001), 'points/use', { amount: 1 });
    expect(said(await use())).toBe('409 INSUFFICIENT_POINTS');
    expect((await shop.points(testUser(8001))).balance).toBe(0);
    await choose(started.body.providerUrl, 'APPROVE_TWICE');
    const paid = await until(
      () => chargeNow(testUser(8001), started.body.chargeId),
      ({ body }) => body.status === 'COMPLETED',
    );
    expect(paid.body).toMatchObject({ balance: 5_000, currency: 'KRW', providerUrl: null, failure: null, refunds: [] });
    expect((await shop.points(testUser(8001))).balance).toBe(5_000);
    const repeat = await charge(testUser(8001), 5_000, 'a');
    expect([repeat.status, repeat.text, repeat.headers.get('idempotent-replayed')]).toEqual([
      201,
      started.text,
      'true',
    ]);
    expect((await use()).status).toBe(200);
  });

  it('docs/attacks.md 73: a declined charge credits nothing', async () => {
    const { body } = await charge(testUser(8002), 5_000, 'a');
    await choose(body.providerUrl, 'DECLINE');
    const failed = await until(
      () => chargeNow(testUser(8002), body.chargeId),
      (answer) => answer.body.status === 'FAILED',
    );
    expect(failed.body).toMatchObject({ failure: 'PAYMENT_DECLINED', balance: null, refunds: [] });
    expect((await shopOn(on).points(testUser(8002))).balance).toBe(0);
  });

  it('docs/attacks.md 73: an unsigned report credits nothing, and a signed one of another amount goes back', async () => {
    const shop = shopOn(on);
    const { chargeId } = (await charge(testUser(8003), 5_000, 'a')).body;
    const report = { orderId: chargeId, paymentId: chargeId, amount: 1 };
    expect(said(await shop.report(report, { key: Buffer.alloc(32, 9) }))).toBe('401 WEBHOOK_SIGNATURE_INVALID');
    const taken = [await shop.report(report), await shop.report({ ...report, amount: 5_000 })];
    expect(taken.map(({ body }) => body)).toEqual(Array(2).fill({ taken: true }));
    expect((await shop.report({ ...report, orderId: '5', paymentId: '5' })).body).toEqual({ taken: false });
    const { body } = await until(
      () => chargeNow(testUser(8003), chargeId),
      (answer) => answer.body.refunds[0]?.status === 'COMPLETED',
    );
    expect(body).toMatchObject({ status: 'FAILED', failure: 'PAYMENT_AMOUNT_MISMATCH' });
    expect(body.refunds).toMatchObject([{ amount: 1, reason: 'PAYMENT_AMOUNT_MISMATCH' }]);
    expect((await shop.points(testUser(8003))).balance).toBe(0);
  });

  it('the points of a paid charge that is cancelled are taken back, and its money is refunded', async () => {
    const shop = shopOn(on);
    const { chargeId, providerUrl } = (await charge(testUser(8004), 5_000, 'a')).body;
    await choose(providerUrl, 'APPROVE');
    const { body: paid } = await until(
      () => chargeNow(testUser(8004), chargeId),
      ({ body }) => body.status === 'COMPLETED',
    );
    const cancelled = await shop.post(testUser(8004), 'points/cancel', { transactionId: paid.transactionId });
    expect([cancelled.status, cancelled.body.balance]).toEqual([200, 0]);
    const { body } = await until(
      () => chargeNow(testUser(8004), chargeId),
      (answer) => answer.body.refunds[0]?.status === 'COMPLETED',
    );
    expect(body).toMatchObject({ status: 'REFUNDED', refunds: [{ amount: 5_000, reason: 'CANCELLED' }] });
  });

  it('docs/attacks.md 32: the charge of another user is not found, and no user charges for another one', async () => {
    const { chargeId } = (await charge(testUser(8005), 5_000, 'a')).body;
    expect([await chargeNow(testUser(8006), chargeId), await chargeNow(testUser(8006), '5')].map(said)).toEqual(
      Array(2).fill('404 CHARGE_NOT_FOUND'),
    );
    expect(
      (await on.call('GET', `/api/v1/points/charges/${chargeId}`, { token: on.token(testUser(1), 'ADMIN') })).status,
    ).toBe(200);
    const other = {
      token: on.token(testUser(8006)),
      json: { amount: 1, userId: testUser(8005) },
      headers: { 'idempotency-key': 'b' },
    };
    expect(said(await on.call('POST', '/api/v1/points/charge', other))).toBe('403 FORBIDDEN');
  });

  it('a customer has at most three unpaid charges, however many are asked for at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => charge(testUser(8007), 10, `k${n}`)));
    expect(answers.map(said).sort()).toEqual([
      ...Array(3).fill('201 PENDING'),
      ...Array(9).fill('409 OPEN_CHARGE_LIMIT_EXCEEDED'),
    ]);
  });

  it('docs/attacks.md 73: an owner pays for points, too, and administrators and machines with the scope charge directly', async () => {
    const as = (role: 'OWNER' | 'ADMIN' | 'SERVICE', scope?: string) =>
      on.call('POST', '/api/v1/points/charge', {
        token: on.token(testUser(8008), role, scope),
        // A machine is no user: it names one.
        json: { amount: 10, ...(role === 'SERVICE' && { userId: testUser(8008) }) },
        headers: { 'idempotency-key': `as ${role}` },
      });
    expect([await as('OWNER'), await as('ADMIN'), await as('SERVICE', 'points:charge')].map(said)).toEqual([
      '201 PENDING',
      '201 COMPLETED',
      '201 COMPLETED',
    ]);
  });

  it('docs/attacks.md 73: without a provider a customer cannot charge, and an administrator can', {
    tags: 'settings',
  }, async () => {
    const other = await stage({ paymentProvider: 'none', webhookKeys: [] });
    try {
      expect(said(await charge(testUser(8009), 10, 'a', other))).toBe('409 PAYMENT_PROVIDER_REQUIRED');
      await shopOn(other).charge(testUser(8009), 10);
      expect((await shopOn(other).points(testUser(8009))).balance).toBe(10);
    } finally {
      await other.stop();
    }
  });
});
