// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { redemptionCodes } from '../../src/contexts/coupon/adapters/crypto/redemption-codes.ts';
import { type Database, openDatabase } from '../../src/platform/postgres/database.ts';
import { type Answer, call, configOf, openPolicy, SECRET, type Stage, stage, storeOf } from './support.ts';

const SETTINGS = { rateLimit: true };
let on: Stage;
let database: Database;
let other: Server;
let store: string;
let policyId: string;
beforeAll(async () => {
  on = await stage(SETTINGS);
  database = openDatabase({ url: on.database.url, onError: () => {} });
  other = await startServer(configOf(on.database.url, SETTINGS));
  store = await storeOf(on, '8001');
  policyId = await openPolicy(on, { storeId: store, distributionType: 'DOWNLOAD', maxIssuePerUser: 50 });
  for (const userId of ['8002', '8003', '8004', '8005']) expect((await staff('PUT', store, userId)).status).toBe(204);
});
afterAll(async () => {
  await database.close();
  await other.stop();
  await on.stop();
});

const owner = (userId: string) => on.token(userId, 'OWNER');
const admin = () => on.token('1', 'ADMIN');
const said = ({ status, body }: Answer) => `${status} ${body?.code ?? ''}`.trim();
const staff = (method: string, storeId: string, userId: string) =>
  on.call(method, `/api/v1/stores/${storeId}/staff/${userId}`, { token: admin() });
const show = (couponId: string, token: string, headers: Record<string, string> = {}) =>
  on.call('GET', `/api/v1/coupons/${couponId}/redemption-code`, { token, headers });
const redeem = (token: string, redemptionCode: string, more: object = {}, base = on.url) =>
  call(base, 'POST', '/api/v1/coupons/redeem', { token, json: { redemptionCode, ...more } });

async function issue(userId: string, policy = policyId): Promise<string> {
  const issued = await on.call('POST', '/api/v1/coupons/issue', {
    token: on.token(userId),
    json: { policyId: policy },
  });
  expect(issued.status).toBe(201);
  return issued.body.couponId;
}
let lastCustomer = 8_100;
/** Another one each time: a user may ask for one coupon a second. */
const customer = (): string => String(++lastCustomer);

/** Issues a coupon to this user. Returns its redemption code. */
async function codeOf(userId = customer(), policy = policyId): Promise<string> {
  const shown = await show(await issue(userId, policy), on.token(userId));
  expect(shown.status).toBe(200);
  return shown.body.code;
}
/** Ten texts that are no codes, and ten whole codes of ids that no coupon has. */
const WRONG = Array.from({ length: 20 }, (_, guess) =>
  guess % 2 ? `GUESS-${guess}` : redemptionCodes([SECRET]).codeOf(BigInt(guess + 1)),
);

describe('coupons at the counter', () => {
  it('docs/attacks.md 80: of twenty tills that use one code at the same time on two nodes, one does', async () => {
    const couponId = await issue('8010');
    const { code } = (await show(couponId, on.token('8010'))).body;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, till) =>
        redeem(till % 3 === 0 ? owner('8001') : on.token('8002'), code, {}, till % 2 ? other.url : on.url),
      ),
    );
    const used = answers.filter(({ status }) => status === 200);
    expect(used.map(({ body }) => [body.couponId, body.storeId, body.discountAmount])).toEqual([
      [couponId, store, 3_000],
    ]);
    expect(answers.filter(({ status }) => status !== 200).map(said)).toEqual(Array(19).fill('409 COUPON_ALREADY_USED'));
    const { rows } = await database.pool.query(
      'select kind, changed_by from coupon.coupon_history where coupon_id = $1',
      [couponId],
    );
    expect(rows).toEqual([{ kind: 'USED', changed_by: expect.stringMatching(/^(OWNER 8001|CUSTOMER 8002)$/) }]);
    expect(said(await show(couponId, on.token('8010')))).toBe('409 COUPON_ALREADY_USED');
  });

  it('docs/attacks.md 80: a repeat with its key gets the first response, and one without is refused', async () => {
    const code = await codeOf('8011');
    const ask = () =>
      on.call('POST', '/api/v1/coupons/redeem', {
        token: on.token('8002'),
        json: { redemptionCode: code },
        headers: { 'idempotency-key': 'till-8011' },
      });
    const [first, again] = [await ask(), await ask()];
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 200, 'true']);
    expect(again.body).toEqual(first.body);
    expect(said(await redeem(on.token('8002'), code))).toBe('409 COUPON_ALREADY_USED');
  });

  it('docs/attacks.md 81: a code is used by the owner and the staff of its store, ADMIN, and machines with the scope only', async () => {
    const second = await storeOf(on, '8006');
    await staff('PUT', second, '8007');
    const machine = (scope: string) => on.token('2', 'SERVICE', scope);
    const code = await codeOf('8012');
    for (const [who, token, expected] of [
      ['its own holder', on.token('8012'), '403 FORBIDDEN'],
      ['an owner of no store', owner('8008'), '403 FORBIDDEN'],
      ['the owner of another store', owner('8006'), '403 FORBIDDEN'],
      ['staff of another store', on.token('8007'), '403 FORBIDDEN'],
      ['an owner whose role was taken away', on.token('8001'), '403 FORBIDDEN'],
      ['a machine without the scope', machine('coupons:read'), '403 SCOPE_MISSING'],
    ] as const) {
      expect([who, said(await redeem(token, code))]).toEqual([who, expected]);
    }
    await staff('PUT', store, '8009');
    await staff('DELETE', store, '8009');
    expect(said(await redeem(on.token('8009'), code))).toBe('403 FORBIDDEN');
    for (const token of [owner('8001'), on.token('8002'), admin(), machine('coupons:use')]) {
      expect((await redeem(token, await codeOf())).status).toBe(200);
    }
  });

  it('docs/attacks.md 81: a coupon of the platform is used by no store', async () => {
    const platform = await openPolicy(on, { distributionType: 'DOWNLOAD' });
    const code = await codeOf('8014', platform);
    for (const token of [owner('8001'), on.token('8002')])
      expect(said(await redeem(token, code))).toBe('403 FORBIDDEN');
    const used = await redeem(admin(), code.toLowerCase().replaceAll('-', ' '));
    expect([used.status, used.body.storeId]).toEqual([200, null]);
  });

  it('docs/attacks.md 81: who serves no store learns nothing about a code', async () => {
    const code = await codeOf('8015');
    const answers = await Promise.all([code, WRONG[0] ?? '', 'x'].map((each) => redeem(on.token('8015'), each)));
    expect(answers.map(said)).toEqual(Array(3).fill('403 FORBIDDEN'));
  });

  it('docs/attacks.md 81: a code is shown to the holder of the coupon only, while it can be used', async () => {
    const couponId = await issue('8016');
    const mine = on.token('8016');
    const first = await show(couponId, mine);
    expect(first.body.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(first.headers.get('cache-control')).toBe('no-store');
    const elsewhere = await call(other.url, 'GET', `/api/coupons/${couponId}/redemption-code`, { token: mine });
    expect(elsewhere.body).toEqual(first.body);
    for (const token of [on.token('8017'), admin(), owner('8001'), on.token('2', 'SERVICE', 'coupons:read')]) {
      expect(said(await show(couponId, token))).toBe('404 COUPON_NOT_FOUND');
    }
    const json = { reservationId: 'r-8016', orderAmount: 9_000 };
    const platform = await issue('8016', await openPolicy(on, { distributionType: 'DOWNLOAD' }));
    await on.call('POST', '/api/v1/coupons/reserve', { token: mine, json: { ...json, couponId: platform } });
    expect(said(await show(platform, mine))).toBe('409 RESERVATION_CONFLICT');
    await on.call('POST', `/api/v1/coupons/${couponId}/cancel`, { token: admin() });
    expect(said(await show(couponId, mine))).toBe('400 COUPON_NOT_AVAILABLE');
    expect(said(await redeem(on.token('8002'), first.body.code))).toBe('400 COUPON_NOT_AVAILABLE');
  });

  it('the rules of the policy hold at the counter, on the amount of the goods of the store', async () => {
    const policy = await openPolicy(on, {
      storeId: store,
      distributionType: 'DOWNLOAD',
      discountType: 'PERCENTAGE',
      discountValue: 10,
      maxDiscountAmount: 2_000,
      minimumOrderAmount: 5_000,
    });
    const code = await codeOf('8018', policy);
    const ask = (more: object) => redeem(on.token('8002'), code, more);
    for (const amount of [0, -1, 1.5, '5000']) {
      expect([amount, said(await ask({ orderAmount: amount }))]).toEqual([amount, '400 VALIDATION_FAILED']);
    }
    for (const more of [{}, { orderAmount: 4_999 }]) expect(said(await ask(more))).toBe('400 MINIMUM_ORDER_NOT_MET');
    const used = await ask({ orderAmount: 50_000 });
    expect(used.body).toMatchObject({ discountType: 'PERCENTAGE', discountValue: 10, discountAmount: 2_000 });
    expect(Object.keys(used.body)).not.toContain('userId');
  });

  it('docs/attacks.md 50: after twenty wrong redemption codes a till is blocked on every node, for right codes too', async () => {
    const till = on.token('8003');
    for (const [turn, wrong] of WRONG.entries()) {
      expect(said(await redeem(till, wrong, {}, turn % 2 ? other.url : on.url))).toBe('404 COUPON_CODE_NOT_FOUND');
    }
    const code = await codeOf('8019');
    for (const base of [on.url, other.url]) {
      const blocked = await redeem(till, code, {}, base);
      expect(said(blocked)).toBe('429 RATE_LIMITED');
      const seconds = Number(blocked.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(23 * 3600);
      expect(seconds).toBeLessThanOrEqual(24 * 3600);
    }
    // Only the one who guessed is blocked, and no other user of the store.
    expect((await redeem(on.token('8004'), code)).status).toBe(200);
  });

  it('a till that uses many right codes within a minute is not limited as one that guesses', async () => {
    for (let turn = 0; turn < 25; turn++) {
      expect((await redeem(on.token('8005'), await codeOf())).status).toBe(200);
    }
  });

  it('while the secret is replaced codes of both are used, and afterwards only those of the new one', async () => {
    const NEW = 'another-secret-another-secret-another';
    const [old, unread] = [await codeOf(), await codeOf()];
    const startWith = (...redemptionSecrets: readonly string[]) =>
      startServer(configOf(on.database.url, { redemptionSecrets }));
    const holder = customer();
    const couponId = await issue(holder);
    // No process starts beside another one unless each accepts the codes of the other.
    const first = await startWith(SECRET, NEW);
    await Promise.all([on.server.stop(), other.stop()]);
    const both = await startWith(NEW, SECRET);
    await first.stop();
    const shown = await call(both.url, 'GET', `/api/v1/coupons/${couponId}/redemption-code`, {
      token: on.token(holder),
    });
    expect((await redeem(on.token('8002'), old, {}, both.url)).status).toBe(200);
    const after = await startWith(NEW);
    expect(said(await redeem(on.token('8002'), unread, {}, after.url))).toBe('404 COUPON_CODE_NOT_FOUND');
    expect((await redeem(on.token('8002'), shown.body.code, {}, after.url)).status).toBe(200);
    await both.stop();
    await after.stop();
  });
});
