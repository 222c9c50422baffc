import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedHeaders, TOLERANCE_SECONDS, webhookSecret } from '../../src/platform/http/webhook-signature.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { type Shop, shopOn } from './shop.ts';
import {
  type Answer,
  answeredOnce,
  keepEvents,
  LIMITS,
  OLD_WEBHOOK_KEY,
  type Stage,
  stage,
  until,
  WEBHOOK_KEY,
} from './support.ts';

let on: Stage;
let shop: Shop;
beforeAll(async () => {
  on = await stage();
  shop = shopOn(on);
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});

const said = ({ status, body }: Answer): string => [status, body?.code].join(' ').trim();
const seconds = (): number => Math.floor(on.realNow() / 1_000);

/** An order that waits for its payment in the sandbox. */
async function waiting() {
  const user = shop.newUser();
  const productId = await shop.product();
  const order = await shop.placed(user, { items: [{ productId, quantity: 1 }] });
  const begun = await shop.pay(user, order.orderId, 'EXTERNAL');
  expect([begun.status, begun.body.status, begun.body.order.status]).toEqual([201, 'PENDING', 'RESERVED']);
  const { orderId, paymentId, amount, providerUrl } = begun.body;
  return { user, productId, page: new URL(providerUrl).pathname, providerUrl, report: { orderId, paymentId, amount } };
}
type Waiting = Awaited<ReturnType<typeof waiting>>;
const choose = (page: string, outcome: string) => on.call('POST', page, { json: { outcome } });
const statusOf = async ({ user, report }: Waiting): Promise<string> => (await shop.order(user, report.orderId)).status;

/** What the provider gave back of this payment. */
async function givenBack({ report }: Waiting): Promise<bigint> {
  const { rows } = await on.query<{ amount: string }>(
    `select coalesce(sum(r.amount), 0) as amount from orders.sandbox_refunds as r
     join orders.sandbox_payments as p using (ref) where p.payment_id = $1`,
    [report.paymentId],
  );
  return BigInt(rows[0]?.amount ?? 0);
}

describe('external payments', () => {
  it('an external payment is made on the provider’s page, and its webhook pays the order', {
    tags: 'rows',
  }, async () => {
    const order = await waiting();
    expect(order.providerUrl).toMatch(new RegExp(`^${on.url}/sandbox/payments/`));
    await choose(order.page, 'APPROVE');
    await until(async () => (await statusOf(order)) === 'PAID');
    expect(await shop.productNow(order.productId)).toMatchObject({ stock: 99, reservedStock: 0, soldCount: 1 });
    expect(said(await shop.pay(order.user, order.report.orderId))).toBe('409 ORDER_NOT_PAYABLE');
    expect((await shop.refund(order.report.orderId)).body).toMatchObject({ amount: 15_000, status: 'DONE' });
    expect(await givenBack(order)).toBe(15_000n);
  });

  it('the provider’s page shows the currency of the order, also when the shop has another one now', {
    tags: 'rows',
  }, async () => {
    const order = await waiting();
    expect((await on.call('GET', order.page)).text).toContain('15,000');
    await on.query(`update orders.orders set currency = 'USD' where id = $1`, [order.report.orderId]);
    expect((await on.call('GET', order.page)).text).toContain('150.00 USD');
  });

  it('a declined payment ends the order and returns coupon, points and stock', async () => {
    const user = shop.newUser();
    await shop.charge(user, 500);
    const couponId = await shop.coupon(user);
    const productId = await shop.product();
    const placed = await shop.placed(user, { items: [{ productId, quantity: 1 }], couponId, usePoints: 500 });
    const begun = await shop.pay(user, placed.orderId, 'EXTERNAL');
    await choose(new URL(begun.body.providerUrl).pathname, 'DECLINE');
    await until(async () => (await shop.order(user, placed.orderId)).status === 'FAILED');
    const ended = await shop.order(user, placed.orderId);
    expect(ended.failure).toEqual({ code: 'PAYMENT_DECLINED', details: { reason: expect.any(String) } });
    expect(await shop.couponStatus(user, couponId)).toBe('ISSUED');
    expect(await shop.points(user)).toMatchObject({ balance: 500, held: 0 });
    expect(await shop.productNow(productId)).toMatchObject({ stock: 100, reservedStock: 0, soldCount: 0 });
    expect(said(await shop.pay(user, placed.orderId, 'EXTERNAL'))).toMatch(/^409 ORDER_NOT_PAYABLE/);
  });

  it('a payment that is reported twice has one effect', { tags: 'rows' }, async () => {
    const order = await waiting();
    await choose(order.page, 'APPROVE_TWICE');
    await until(async () => (await on.call('GET', order.page)).text.includes('The shop knows.'));
    expect(await statusOf(order)).toBe('PAID');
    expect(await givenBack(order)).toBe(0n);
    expect(await shop.productNow(order.productId)).toMatchObject({ stock: 99, soldCount: 1 });
  });

  it('a payment without a report ends with its order, and a late payment is refunded', { tags: 'rows' }, async () => {
    const order = await waiting();
    await on.advance(10 * MINUTE_MS);
    await on.runJobs();
    expect([await statusOf(order), await shop.productNow(order.productId)]).toMatchObject(['EXPIRED', { stock: 100 }]);
    await choose(order.page, 'APPROVE');
    await until(async () => (await givenBack(order)) === 15_000n);
    expect(await statusOf(order)).toBe('EXPIRED');
  });

  it('a payment that is reported half a minute later pays then', async () => {
    const order = await waiting();
    await choose(order.page, 'APPROVE_LATER');
    await on.runJobs();
    expect(await statusOf(order)).toBe('RESERVED');
    await on.advance(30_000);
    await on.runJobs();
    expect(await statusOf(order)).toBe('PAID');
  });

  it('a payment that was replaced by another one is refunded if it still arrives', { tags: 'rows' }, async () => {
    const order = await waiting();
    const { user, report } = order;
    await shop.charge(user, 15_000);
    expect((await shop.pay(user, report.orderId, 'POINTS')).body.order.status).toBe('PAID');
    await choose(order.page, 'APPROVE');
    await until(async () => (await givenBack(order)) === 15_000n);
    expect([await statusOf(order), await shop.points(user)]).toMatchObject(['PAID', { balance: 0, held: 0 }]);
  });

  it('a payment of a cancelled order is refunded', { tags: 'rows' }, async () => {
    const order = await waiting();
    await shop.post(order.user, `orders/${order.report.orderId}/cancel`, {});
    await choose(order.page, 'APPROVE');
    await until(async () => (await givenBack(order)) === 15_000n);
    expect(await statusOf(order)).toBe('CANCELLED');
  });

  it('thirty concurrent requests with one key create one payment page', async () => {
    const user = shop.newUser();
    const { orderId } = await shop.placed(user);
    const ask = () => shop.pay(user, orderId, 'EXTERNAL', { key: 'one page' });
    const asked = [...answeredOnce(await Promise.all(Array.from({ length: 30 }, ask)), 201), await ask()];
    expect(new Set(asked.map(({ body }) => body.providerUrl)).size).toBe(1);
  });
});

describe('a webhook', () => {
  it('a signed webhook pays once, however often and in whichever order it arrives', async () => {
    const order = await waiting();
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.report(order.report)));
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(10).fill([200, '{"taken":true}']));
    expect((await shop.report({ ...order.report, reason: 'no' }, { type: 'payment.failed' })).status).toBe(200);
    expect(await statusOf(order)).toBe('PAID');
    expect(await shop.productNow(order.productId)).toMatchObject({ stock: 99, soldCount: 1 });
  });

  it('docs/attacks.md 52: a webhook with a wrong, missing or old signature gets 401 and pays nothing', async () => {
    const order = await waiting();
    const tries: Readonly<Record<string, () => Promise<Answer>>> = {
      'another secret': () => shop.report(order.report, { key: Buffer.alloc(32, 'other') }),
      'too old': () => shop.report(order.report, { timestamp: seconds() - TOLERANCE_SECONDS - 1 }),
      'too far ahead': () => shop.report(order.report, { timestamp: seconds() + TOLERANCE_SECONDS + 5 }),
      'no signature': () => shop.report(order.report, { headers: { 'webhook-signature': '' } }),
      'no version': () => shop.report(order.report, { headers: { 'webhook-signature': 'v1,' } }),
      'another id': () => shop.report(order.report, { headers: { 'webhook-id': 'msg_other' } }),
      'another time': () => shop.report(order.report, { headers: { 'webhook-timestamp': String(seconds() + 1) } }),
      'no time': () => shop.report(order.report, { headers: { 'webhook-timestamp': 'NaN' } }),
      'a customer’s token': () => bare(order, { authorization: `Bearer ${on.token(order.user)}` }),
      'an administrator’s token': () => bare(order, { authorization: `Bearer ${shop.admin()}` }),
      'nothing at all': () => bare(order, {}),
    };
    for (const [name, attempt] of Object.entries(tries)) {
      const answer = await attempt();
      expect([name, said(answer)]).toEqual([name, '401 WEBHOOK_SIGNATURE_INVALID']);
    }
    expect(await statusOf(order)).toBe('RESERVED');
  });

  const bare = ({ report }: Waiting, headers: Readonly<Record<string, string>>) =>
    on.call('POST', '/api/v1/payments/webhook', { json: { type: 'payment.completed', data: report }, headers });

  it('docs/attacks.md 52: a webhook whose body was changed gets 401', async () => {
    const order = await waiting();
    const stolen = await waiting();
    const body = JSON.stringify({ type: 'payment.completed', data: order.report });
    const headers = signedHeaders([WEBHOOK_KEY], { id: 'msg_captured', timestamp: seconds(), body });
    const text = JSON.stringify({ type: 'payment.completed', data: stolen.report });
    const answer = await on.call('POST', '/api/v1/payments/webhook', { text, headers });
    expect([said(answer), await statusOf(stolen)]).toEqual(['401 WEBHOOK_SIGNATURE_INVALID', 'RESERVED']);
  });

  it('docs/attacks.md 52: a webhook is not parsed before its signature is verified, and then like any body', async () => {
    const unsigned = { headers: { 'webhook-signature': 'v1,x' } };
    for (const text of ['{', '[]', '', '{"__proto__":1}', '['.repeat(10_000)]) {
      expect(said(await shop.report({}, { text, ...unsigned }))).toBe('401 WEBHOOK_SIGNATURE_INVALID');
      expect([text, said(await shop.report({}, { text }))]).toEqual([text, '400 VALIDATION_FAILED']);
    }
    const large = JSON.stringify({ type: 'payment.completed', data: { x: 'x'.repeat(1024 * 1024) } });
    expect(said(await shop.report({}, { text: large }))).toBe('413 PAYLOAD_TOO_LARGE');
    const odd = await shop.report({}, { headers: { 'content-type': 'text/plain' } });
    expect(said(odd)).toBe('415 UNSUPPORTED_MEDIA_TYPE');
  });

  it('a webhook may be signed with the previous secret', async () => {
    const order = await waiting();
    expect((await shop.report(order.report, { key: OLD_WEBHOOK_KEY })).body).toEqual({ taken: true });
    expect(await statusOf(order)).toBe('PAID');
  });

  it('a webhook is accepted within five minutes before and after its timestamp', async () => {
    for (const offset of [-TOLERANCE_SECONDS + 5, TOLERANCE_SECONDS]) {
      const order = await waiting();
      expect((await shop.report(order.report, { timestamp: seconds() + offset })).status).toBe(200);
      expect(await statusOf(order)).toBe('PAID');
    }
  });

  it('a report about an unknown order is acknowledged, so that it is not sent again', async () => {
    const order = await waiting();
    const answers = [
      await shop.report({ orderId: '999', paymentId: '998', amount: 1 }),
      await shop.report(order.report, { type: 'payment.refunded' }),
      await shop.report({ orderId: '999', paymentId: '998', amount: 1 }, { type: 'payment.failed' }),
    ];
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([200, '{"taken":false}']));
    expect(await statusOf(order)).toBe('RESERVED');
  });

  it.each([
    {},
    { orderId: 1 },
    { orderId: '1', paymentId: '1', amount: -1 },
    { orderId: '1', paymentId: '1', amount: '15000' },
    { orderId: '1', paymentId: '1', amount: 1.5 },
    { orderId: '1', paymentId: '1', amount: 1e300 },
    { orderId: ['1'], paymentId: '1', amount: 1 },
    { orderId: '1', paymentId: '1; drop table orders.orders', amount: 1 },
  ])('a webhook that contains %j gets 400', async (data) => {
    expect(said(await shop.report(data))).toBe('400 VALIDATION_FAILED');
  });

  it('a webhook about another amount pays nothing: the order ends, and the payment is refunded', async () => {
    for (const amount of [1, 14_999, 15_001, 1_000_000]) {
      const order = await waiting();
      expect((await shop.report({ ...order.report, amount })).status).toBe(200);
      await until(async () => (await statusOf(order)) === 'FAILED');
      const { failure } = await shop.order(order.user, order.report.orderId);
      expect(failure).toMatchObject({
        code: 'PAYMENT_AMOUNT_MISMATCH',
        details: { total: '15000', paid: `${amount}` },
      });
      expect(await shop.productNow(order.productId)).toMatchObject({ stock: 100, reservedStock: 0, soldCount: 0 });
    }
  });

  it('a webhook with any reason stores it as one line of text', async () => {
    const order = await waiting();
    const reason = `${'card\r\n\u0000declined\ud800 <script>'}${'x'.repeat(2_000)}`;
    expect((await shop.report({ ...order.report, reason }, { type: 'payment.failed' })).status).toBe(200);
    const { failure } = await shop.order(order.user, order.report.orderId);
    expect(failure.details.reason).toMatch(/^card {3}declined\ufffd <script>x+$/);
    expect(failure.details.reason.length).toBe(500);
  });
});

it('docs/attacks.md 55: no secret, signature, token or link of a payment is in a log line or an event', {
  tags: 'settings',
}, async () => {
  const logged: string[] = [];
  const other = await stage({}, { log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }) });
  try {
    const events = await keepEvents(other);
    const mine = shopOn(other);
    const user = mine.newUser();
    const token = other.token(user);
    const { orderId } = await mine.placed(user);
    const begun = (await mine.pay(user, orderId, 'EXTERNAL', { token })).body;
    const page = new URL(begun.providerUrl).pathname;
    const signature = 'v1,c2lnbmVkIGJ5IG5vYm9keQ==';
    await mine.report({ orderId: '999', paymentId: '998', amount: 1 });
    await mine.report({ orderId, paymentId: begun.paymentId }, { headers: { 'webhook-signature': signature } });
    await mine.report({ orderId, paymentId: begun.paymentId, amount: 'x', reason: 'a\r\nb' });
    await other.call('GET', `${page}?x=1`);
    await other.call('POST', page, { json: { outcome: 'APPROVE' } });
    await until(async () => (await mine.order(user, orderId)).status === 'PAID');
    const paid = 'payment.completed.v1';
    await until(async () => (await events()).some((payload) => payload.includes(paid)));

    const kept = [...logged, ...(await events())];
    const secrets = [
      WEBHOOK_KEY.toString('base64'),
      webhookSecret(WEBHOOK_KEY),
      signature,
      token,
      page.split('/').at(-1),
    ];
    for (const secret of secrets)
      expect([secret, kept.filter((line) => line.includes(`${secret}`))]).toEqual([secret, []]);
    expect(logged.filter((line) => line.includes('"route":"/sandbox/payments/:ref"')).length).toBe(2);
    expect(logged.filter((line) => /[\r\n]/.test(line.trimEnd()))).toEqual([]);
  } finally {
    await other.stop();
  }
});

describe('where payments are configured otherwise', { tags: 'settings' }, () => {
  it('without a provider external payments are refused, and points are accepted', async () => {
    const other = await stage({ paymentProvider: 'none', webhookKeys: [] });
    try {
      const mine = shopOn(other);
      const user = mine.newUser();
      await mine.charge(user, 30_000);
      const { orderId } = await mine.placed(user);
      const refused = await mine.pay(user, orderId, 'EXTERNAL');
      expect([said(refused), refused.body.errors[0].field]).toEqual(['400 VALIDATION_FAILED', 'method']);
      expect(said(await mine.report({ orderId, paymentId: '1', amount: 30_000 }))).toBe(
        '401 WEBHOOK_SIGNATURE_INVALID',
      );
      expect((await mine.pay(user, orderId)).body.order.status).toBe('PAID');
    } finally {
      await other.stop();
    }
  });

  it.each([
    [{ kind: 'APPROVE' }, 'PAID'],
    [{ kind: 'APPROVE_TWICE' }, 'PAID'],
    [{ kind: 'APPROVE_LATER', afterMs: 300 }, 'PAID'],
    [{ kind: 'DECLINE' }, 'FAILED'],
  ] as const)('a sandbox that is configured with %j behaves so for every payment', async (sandboxPayments, status) => {
    const other = await stage({ sandboxPayments });
    try {
      const mine = shopOn(other);
      const user = mine.newUser();
      const { orderId } = await mine.placed(user);
      const paid = await mine.pay(user, orderId, 'EXTERNAL');
      const atOnce = { APPROVE: 'PAID', DECLINE: '402 PAYMENT_DECLINED' } as Record<string, string>;
      const answered = paid.status === 201 ? paid.body.order.status : said(paid);
      if (sandboxPayments.kind in atOnce) expect(answered).toBe(atOnce[sandboxPayments.kind]);
      await until(async () => (await mine.order(user, orderId)).status === status);
      expect(await other.violations()).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  it('unsigned webhooks are counted by address, and signed ones are not', async () => {
    const other = await stage({ rateLimit: true, limits: { ...LIMITS, address: 20 } });
    try {
      const mine = shopOn(other);
      const user = mine.newUser();
      const { orderId } = await mine.placed(user);
      const begun = (await mine.pay(user, orderId, 'EXTERNAL')).body;
      const { paymentId, amount } = begun;
      const statuses: number[] = [];
      for (let count = 0; count < 25; count++) {
        statuses.push((await mine.report({}, { key: randomBytes(32) })).status);
      }
      expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
      for (let count = 0; count < 30; count++) {
        expect((await mine.report({ orderId, paymentId, amount })).body).toEqual({ taken: true });
      }
      expect((await mine.order(user, orderId)).status).toBe('PAID');
    } finally {
      await other.stop();
    }
  });
});
