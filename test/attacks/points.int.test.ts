import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/platform/http/access-token.ts';
import { type Answer, answeredOnce, type Stage, stage, testUsers } from './support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});

let keys = 0;
interface Ask {
  readonly key?: string | null;
  readonly role?: Role;
  readonly scope?: string;
}
/** A request about points as that user, with a key of its own unless one is given; null = none. */
function post(
  user: string,
  what: string,
  json: unknown,
  { key = `key-${++keys}`, role, scope }: Ask = {},
): Promise<Answer> {
  const headers = key === null ? {} : { 'idempotency-key': key };
  return on.call('POST', `/api/v1/points/${what}`, { token: on.token(user, role, scope), json, headers });
}
const balanceOf = async (user: string) =>
  (await on.call('GET', `/api/v1/points/users/${user}/balance`, { token: on.token(user) })).body;
/** As ADMIN, without a payment. */
const charge = (user: string, amount: number, ask: Ask = {}): Promise<Answer> =>
  post('1', 'charge', { userId: user, amount }, { ...ask, role: 'ADMIN' });
const charged = async (user: string, amount: number): Promise<string> =>
  (await charge(user, amount)).body.transactionId;
const MOVES = [
  ['charge', { amount: 10 }],
  ['use', { amount: 10 }],
] as const;

describe('points', () => {
  it('points are charged, used and shown immediately', async () => {
    const first = await charge(testUser(1001), 1000);
    expect([first.status, first.body]).toEqual([
      201,
      {
        chargeId: null,
        userId: testUser(1001),
        status: 'COMPLETED',
        amount: 1000,
        currency: null,
        transactionId: expect.stringMatching(/^\d+$/),
        balance: 1000,
        providerUrl: null,
        failure: null,
        createdAt: expect.stringMatching(/Z$/),
        expiresAt: null,
        settledAt: first.body.createdAt,
        refunds: [],
      },
    ]);
    expect((await post(testUser(1001), 'use', { amount: 300, orderId: 'order "1"' })).body).toMatchObject({
      amount: -300,
      balance: 700,
      orderId: 'order "1"',
    });
    const gift = { userId: testUser(1001), amount: 50, reason: 'A review', expiresAt: '2099-01-01T00:00:00Z' };
    expect((await post('1', 'earn', gift, { role: 'ADMIN' })).status).toBe(200);
    expect(await balanceOf(testUser(1001))).toEqual({
      userId: testUser(1001),
      balance: 750,
      available: 750,
      pending: 0,
      held: 0,
      receivable: 0,
      expiringSoon: [],
    });
    const path = `/api/v1/points/users/${testUser(1001)}/history?limit=2`;
    const page = (await on.call('GET', path, { token: on.token(testUser(1001)) })).body;
    expect([page.transactions.map(({ type }: { type: string }) => type), page.hasMore]).toEqual([
      ['EARN', 'USE'],
      true,
    ]);
    const next = await on.call('GET', `${path}&cursor=${page.nextCursor}`, { token: on.token(testUser(1001)) });
    const { transactionId, createdAt } = first.body;
    expect(next.body).toEqual({
      transactions: [
        {
          transactionId,
          userId: testUser(1001),
          type: 'CHARGE',
          amount: 1000,
          balance: 1000,
          receivable: 0,
          orderId: null,
          reason: null,
          sourceId: null,
          createdAt,
        },
      ],
      nextCursor: null,
      hasMore: false,
    });
  });

  it('docs/attacks.md 5: of fifty concurrent spends of the full balance one succeeds', async () => {
    await charged(testUser(1002), 500);
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(testUser(1002), 'use', { amount: 500 })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(49).fill(409)]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'INSUFFICIENT_POINTS',
      available: '0',
    });
    expect(await balanceOf(testUser(1002))).toMatchObject({ balance: 0 });
  });

  it.each(['-1', '0', '1.5', '9007199254740993', '1e309', '"1"', 'null', '1000000000001', '[1]'])(
    'docs/attacks.md 7: the amount %s gets 400 on every route that takes one',
    async (text) => {
      for (const [what, rest] of [
        ['charge', ''],
        ['use', ''],
        ['earn', ',"userId":"1003","reason":"x"'],
      ]) {
        const token = on.token(testUser(1), 'ADMIN');
        const headers = { 'idempotency-key': `seven-${++keys}` };
        const answer = await on.call('POST', `/api/v1/points/${what}`, {
          token,
          text: `{"amount":${text}${what === 'earn' ? rest : ',"userId":"1003"'}}`,
          headers,
        });
        expect([what, answer.status, answer.body.code]).toEqual([what, 400, 'VALIDATION_FAILED']);
      }
      expect(await balanceOf(testUser(1003))).toMatchObject({ balance: 0 });
    },
  );

  it('docs/attacks.md 7: a charge above the maximum balance is refused', async () => {
    const answers = [
      await charge(testUser(1004), 1_000_000),
      await charge(testUser(1004), 1),
      await post(testUser(1004), 'charge', { amount: 1 }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 422, 422]);
    for (const { body } of answers.slice(1))
      expect(body).toMatchObject({ code: 'POINT_LIMIT_EXCEEDED', limit: 1_000_000 });
  });

  it.each(['balance', 'available', 'type', 'status', 'role', 'lots', 'key', '__proto__', 'constructor'])(
    'docs/attacks.md 8: a client that sends %s is refused',
    async (field) => {
      for (const [what, body] of MOVES) {
        const text = JSON.stringify(body).replace('}', `,"${field}":1}`);
        const headers = { 'idempotency-key': `eight-${++keys}` };
        const answer = await on.call('POST', `/api/v1/points/${what}`, {
          token: on.token(testUser(1005)),
          text,
          headers,
        });
        expect([field, answer.status]).toEqual([field, 400]);
      }
      expect(await balanceOf(testUser(1005))).toMatchObject({ balance: 0 });
    },
  );

  it('docs/attacks.md 9: points are refunded once, however often and with whichever keys that is requested', async () => {
    const bought = await charged(testUser(1006), 100);
    const used = (await post(testUser(1006), 'use', { amount: 60 })).body.transactionId;
    const staff = { role: 'ADMIN' as const };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('1', 'cancel', { transactionId: used, reason: 'Broken' }, staff)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({ type: 'CANCEL', amount: 60, sourceId: used, reason: 'Broken' });
    expect(await balanceOf(testUser(1006))).toMatchObject({ balance: 100 });
    await post(testUser(1006), 'use', { amount: 1 });
    const late = await post('1', 'cancel', { transactionId: bought }, staff);
    expect([late.status, late.body.code, late.body.available]).toEqual([409, 'INSUFFICIENT_POINTS', '99']);
    const gift = { userId: testUser(1006), amount: 50, reason: 'A review' };
    const earned = (await post('1', 'earn', gift, staff)).body.transactionId;
    await post(testUser(1006), 'use', { amount: 120 });
    const taken = await post('1', 'cancel', { transactionId: earned }, staff);
    expect([taken.status, taken.body.amount, taken.body.receivable]).toEqual([200, -29, 21]);
    expect(await balanceOf(testUser(1006))).toMatchObject({ balance: 0, receivable: 21 });
    const reversal = answers[0]?.body.transactionId;
    expect((await post('1', 'cancel', { transactionId: reversal }, staff)).status).toBe(400);
  });

  describe('keys', () => {
    it.each(MOVES)('docs/attacks.md 14: the same key with another body gets 422 on %s', async (what, body) => {
      await charged(testUser(1010), 1_000);
      const key = `fourteen ${what}`;
      const first = await post(testUser(1010), what, body, { key });
      const same = await post(testUser(1010), what, body, { key });
      const other = await post(testUser(1010), what, { amount: 11 }, { key });
      const status = what === 'charge' ? 201 : 200;
      expect([first.status, same.status, other.status, other.body.code]).toEqual([
        status,
        status,
        422,
        'IDEMPOTENCY_KEY_REUSED',
      ]);
      expect(same.text).toBe(first.text);
      expect([first, same].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    });

    it('docs/attacks.md 15: a key belongs to one principal and one route', async () => {
      const key = 'shared';
      await charged(testUser(1011), 10);
      const gift = { userId: testUser(1011), amount: 7, reason: 'x' };
      const answers = [
        await post(testUser(1011), 'charge', { amount: 10 }, { key }),
        await post(testUser(1012), 'charge', { amount: 10 }, { key }),
        await post(testUser(1011), 'use', { amount: 10 }, { key }),
        await post('1', 'charge', { amount: 10, userId: testUser(1011) }, { key, role: 'ADMIN' }),
        await post('1', 'earn', gift, { key, role: 'ADMIN' }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 200, 201, 200]);
      expect(answers.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual(Array(5).fill(null));
      expect(await balanceOf(testUser(1011))).toMatchObject({ balance: 17 });
    });

    it('docs/attacks.md 16: a key is required on every route that moves points', async () => {
      const transactionId = await charged(testUser(1013), 10);
      const answers = [
        await post(testUser(1013), 'charge', { amount: 1 }, { key: null }),
        await post(testUser(1013), 'use', { amount: 1 }, { key: null }),
        await post('1', 'earn', { userId: testUser(1013), amount: 1, reason: 'x' }, { key: null, role: 'ADMIN' }),
        await post(testUser(1013), 'cancel', { transactionId }, { key: null }),
      ];
      expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
        Array(4).fill([400, 'IDEMPOTENCY_KEY_REQUIRED']),
      );
      expect(await balanceOf(testUser(1013))).toMatchObject({ balance: 10 });
    });

    it.each(['k'.repeat(10_000), 'k'.repeat(256), 'k\tk', 'ké', ''])(
      'docs/attacks.md 17: the key %j gets 400',
      async (key) => {
        for (const [what, body] of MOVES) {
          const answer = await post(testUser(1014), what, body, { key });
          expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'Idempotency-Key']);
        }
      },
    );

    it('docs/attacks.md 18: points used by thirty concurrent requests have one effect and one response', async () => {
      await charged(testUser(1015), 20);
      const use = () => post(testUser(1015), 'use', { amount: 10 }, { key: 'eighteen' });
      const answers = [...answeredOnce(await Promise.all(Array.from({ length: 30 }, use)), 200), await use()];
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(await balanceOf(testUser(1015))).toMatchObject({ balance: 10 });
    });

    it('a key keeps its refusal when points are charged later, and another key succeeds', async () => {
      const refused = await post(testUser(1016), 'use', { amount: 10 }, { key: 'early' });
      await charged(testUser(1016), 10);
      const again = await post(testUser(1016), 'use', { amount: 10 }, { key: 'early' });
      expect([refused.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([409, 409, 'true']);
      expect((await post(testUser(1016), 'use', { amount: 10 }, { key: 'late' })).status).toBe(200);
    });

    it('a key keeps a refused cancellation', async () => {
      const transactionId = await charged(testUser(1017), 10);
      await post(testUser(1017), 'use', { amount: 10 });
      const ask = () => post(testUser(1017), 'cancel', { transactionId }, { key: 'cancel' });
      const [first, again] = [await ask(), await ask()];
      expect([first.status, again.status]).toEqual([409, 409]);
      const ofThisRequest = { requestId: again.body.requestId };
      expect(again.body).toEqual({ ...first.body, ...ofThisRequest });
      expect(again.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    });

    it('the ledger keeps the key of earned points for ever', async () => {
      const gift = { userId: testUser(1018), amount: 7, reason: 'x' };
      const ask = () => post('1', 'earn', gift, { key: 'forgotten', role: 'ADMIN' });
      const [first, again] = [await ask(), await ask()];
      expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
      expect(await balanceOf(testUser(1018))).toMatchObject({ balance: 7 });
    });

    it('docs/attacks.md 19: a repeat of a posting without a valid token is refused', async () => {
      await post(testUser(1019), 'charge', { amount: 10 }, { key: 'nineteen' });
      const headers = { 'idempotency-key': 'nineteen', authorization: 'Bearer x.y.z' };
      const answer = await on.call('POST', '/api/v1/points/charge', { json: { amount: 10 }, headers });
      expect(answer.status).toBe(401);
    });
  });

  it('docs/attacks.md 32: a request for the points of another user gets 404, and no user writes for another', async () => {
    const transactionId = await charged(testUser(1020), 100);
    const token = on.token(testUser(1021));
    for (const user of [testUser(1020), '999999']) {
      for (const what of ['balance', 'history']) {
        const { status, body } = await on.call('GET', `/api/v1/points/users/${user}/${what}`, { token });
        expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
      }
    }
    const writes = [
      await post(testUser(1021), 'charge', { amount: 1, userId: testUser(1020) }),
      await post(testUser(1021), 'use', { amount: 1, userId: testUser(1020) }),
      await post(testUser(1021), 'earn', { userId: testUser(1021), amount: 1, reason: 'x' }),
    ];
    expect(writes.map(({ status }) => status)).toEqual([403, 403, 403]);
    const [theirs, none] = [
      await post(testUser(1021), 'cancel', { transactionId }),
      await post(testUser(1021), 'cancel', { transactionId: '1' }),
    ];
    expect([theirs.status, theirs.body.code]).toEqual([404, 'POINT_TRANSACTION_NOT_FOUND']);
    expect({ ...theirs.body, requestId: '' }).toEqual({ ...none.body, requestId: '' });
    expect(await balanceOf(testUser(1020))).toMatchObject({ balance: 100 });
  });

  it('docs/attacks.md 32: a customer cancels their own postings only, and only those that customers may cancel', async () => {
    const bought = await charged(testUser(1022), 100);
    const spent = (await post(testUser(1022), 'use', { amount: 10 })).body.transactionId;
    const ordered = (await post(testUser(1022), 'use', { amount: 10, orderId: 'order-1' })).body.transactionId;
    const gift = { userId: testUser(1022), amount: 5, reason: 'x' };
    const present = (await post('1', 'earn', gift, { role: 'SERVICE', scope: 'points:write' })).body.transactionId;
    const answers = [];
    for (const transactionId of [ordered, present, spent, bought]) {
      answers.push(await post(testUser(1022), 'cancel', { transactionId }));
    }
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 200, 409]);
  });
});
