// @module-tag settings
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { type Answer, call, configOf, LIMITS, openPolicy, type Stage, stage, storeOf } from './support.ts';

/** Wide enough a minute that twenty tries need no five minutes. */
const SETTINGS = { rateLimit: true, limits: { ...LIMITS, codes: { ...LIMITS.codes, aMinute: 100, anHour: 100 } } };
let on: Stage;
let other: Server;
beforeAll(async () => {
  on = await stage(SETTINGS);
  other = await startServer(configOf(on.database.url, SETTINGS));
  await openPolicy(on, { distributionType: 'CODE', code: 'SUMMER-2026' });
});
afterAll(async () => {
  await other.stop();
  await on.stop();
});

const download = (userId: string, couponCode: string, base = on.url) =>
  call(base, 'POST', '/api/v1/coupons/download', { token: on.token(userId), json: { couponCode } });
const validate = (couponCode: string, token?: string, headers: Record<string, string> = {}) =>
  call(on.url, 'GET', `/api/v1/coupons/validate/${encodeURIComponent(couponCode)}`, {
    headers,
    ...(token === undefined ? {} : { token }),
  });
const said = ({ status, body }: Answer) => [status, body.code];
const withoutIds = ({ status, body }: Answer) => ({ status, ...body, requestId: '', couponCode: '' });

describe('docs/attacks.md 50: guessing coupon codes', () => {
  it('the limit blocks after twenty wrong codes, on every node and both routes, for the right code too', async () => {
    const guesses = Array.from({ length: 20 }, (_, guess) => `GUESS-${guess}`);
    for (const [turn, guess] of guesses.entries()) {
      const answer = turn % 2 ? await download('501', guess, other.url) : await validate(guess, on.token('501'));
      expect(answer.status).toBe(turn % 2 ? 404 : 200);
    }
    const blocked = [
      await download('501', 'SUMMER-2026'),
      await download('501', 'SUMMER-2026', other.url),
      await download('501', 'GUESS-99', other.url),
      await validate('SUMMER-2026', on.token('501')),
    ];
    for (const answer of blocked) {
      expect(said(answer)).toEqual([429, 'RATE_LIMITED']);
      const seconds = Number(answer.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(23 * 3600);
      expect(seconds).toBeLessThanOrEqual(24 * 3600);
    }
    // The principal is blocked, not the address.
    expect((await download('502', 'SUMMER-2026')).status).toBe(201);
  });

  it('docs/attacks.md 50: an address with many accounts sends as many wrong codes as its own limit allows, on every route and node', async () => {
    const settings = {
      ...SETTINGS,
      trustProxy: 1,
      limits: { ...SETTINGS.limits, codes: { ...SETTINGS.limits.codes, wrongOfAddress: 10 } },
    };
    const nodes = [
      await startServer(configOf(on.database.url, settings)),
      await startServer(configOf(on.database.url, settings)),
    ];
    let accounts = 7_000;
    const send = async (
      address: string,
      nth: number,
      route: 'download' | 'validate' | 'quote',
      code: string,
      node = nth % 2,
    ) => {
      const { url } = nodes[node] as Server;
      const options = { token: on.token(String(++accounts)), headers: { 'x-forwarded-for': address } };
      if (route === 'validate') return await call(url, 'GET', `/api/v1/coupons/validate/${code}`, options);
      const json =
        route === 'quote' ? { lines: [{ amount: 10_000 }], couponIds: [], codes: [code] } : { couponCode: code };
      return await call(url, 'POST', `/api/v1/coupons/${route}`, { ...options, json });
    };
    const routes = ['download', 'validate', 'quote'] as const;
    // Right codes never count.
    for (let nth = 0; nth < 15; nth++)
      expect((await send('2001:db8:50::1', nth, 'validate', 'SUMMER-2026')).body.valid).toBe(true);
    const wrong: number[] = [];
    for (let nth = 0; nth < 10; nth++) {
      wrong.push((await send(`2001:db8:50::${nth + 1}`, nth, routes[nth % 3] as 'quote', `WRONG-${nth}`, 0)).status);
    }
    expect(wrong.filter((status) => status === 429)).toEqual([]);
    for (const route of routes) {
      const refused = await send('2001:db8:50::ffff', 0, route, 'SUMMER-2026');
      expect(said(refused)).toEqual([429, 'RATE_LIMITED']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500);
    }
    // Another node learns of it with the first wrong code that it counts.
    expect((await send('2001:db8:50::1', 1, 'validate', 'WRONG-10')).status).toBe(200);
    expect(said(await send('2001:db8:50::1', 1, 'validate', 'WRONG-11'))).toEqual([429, 'RATE_LIMITED']);
    // Another network, and an API key that sends the tries of many users, are not affected.
    expect((await send('2001:db8:51::1', 0, 'validate', 'SUMMER-2026')).body.valid).toBe(true);
    const key = await on.call('POST', '/api/v1/auth/api-keys', {
      token: on.token('1', 'ADMIN'),
      json: { name: 'shop', scopes: ['coupons:issue'] },
    });
    const headers = { 'x-api-key': key.body.secret, 'x-forwarded-for': '2001:db8:50::1' };
    for (let nth = 0; nth < 12; nth++) {
      const json = { couponCode: `WRONG-${nth}`, userId: String(7_500 + nth) };
      expect((await call((nodes[0] as Server).url, 'POST', '/api/v1/coupons/download', { headers, json })).status).toBe(
        404,
      );
    }
    for (const node of nodes) await node.stop();
  });

  it('the limit counts no right code as a wrong one', async () => {
    for (let turn = 0; turn < 25; turn++) {
      expect((await validate('SUMMER-2026', on.token('503'))).body.valid).toBe(true);
    }
    expect((await download('503', 'SUMMER-2026')).status).toBe(201);
  });

  it('the limit admits at most twenty of a hundred concurrent guesses', async () => {
    const guesses = Array.from({ length: 100 }, (_, guess) =>
      download('504', `ONCE-${guess}`, guess % 2 ? other.url : on.url),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    // Those that were on their way before the twentieth was counted; the limit of tries holds them.
    expect(statuses.filter((status) => status === 404).length).toBeLessThanOrEqual(SETTINGS.limits.codes.anHour);
    expect(said(await download('504', 'SUMMER-2026'))).toEqual([429, 'RATE_LIMITED']);
  });

  it('a guess gets the same response for unknown and unavailable codes', async () => {
    await openPolicy(on, { distributionType: 'CODE', code: 'PAUSED-1' }).then((id) =>
      on.call('POST', `/api/v1/admin/coupon-policies/${id}/pause`, { token: on.token('1', 'ADMIN') }),
    );
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await on.call('POST', '/api/v1/coupon-policies', {
      token: on.token('1', 'ADMIN'),
      json: { ...policyOf('EARLY-1'), validFrom: later },
    });
    await openPolicy(on, { distributionType: 'DOWNLOAD', code: 'OTHERWAY-1' });
    const codes = ['NOTHING-1', 'PAUSED-1', 'EARLY-1', 'OTHERWAY-1', '=1+1', 'ab', "x' or 1=1 --"];
    const [first, ...others] = await Promise.all(codes.map((code) => download('505', code)));
    expect(first && said(first)).toEqual([404, 'COUPON_CODE_NOT_FOUND']);
    for (const answer of others) expect(withoutIds(answer)).toEqual(withoutIds(first as Answer));
    const [unknown, ...hidden] = await Promise.all(codes.map((code) => validate(code, on.token('505'))));
    expect(unknown?.body.valid).toBe(false);
    for (const answer of hidden) expect(withoutIds(answer)).toEqual(withoutIds(unknown as Answer));
  });

  it('docs/attacks.md 50, 64: a quote says the same of every code that cannot be redeemed, and counts each of them as a guess', async () => {
    const admin = on.token('1', 'ADMIN');
    const paused = await openPolicy(on, { distributionType: 'CODE', code: 'QPAUSED-1' });
    await on.call('POST', `/api/v1/admin/coupon-policies/${paused}/pause`, { token: admin });
    const suspended = await openPolicy(on, { distributionType: 'CODE', code: 'QSUSPENDED-1' });
    const path = `/api/v1/admin/coupon-policies/${suspended}/suspend`;
    await on.call('POST', path, { token: admin, json: { reason: 'wrong' } });
    await openPolicy(on, { distributionType: 'DOWNLOAD', code: 'QOTHERWAY-1' });
    await openPolicy(on, { distributionType: 'CODE', code: 'QSOLDOUT-1', maxIssueCount: 1 });
    expect((await download('580', 'QSOLDOUT-1')).status).toBe(201);
    // A node knows the policy of a shared code for a second.
    await sleep(1_100);
    const quote = (userId: string, codes: readonly string[], base = on.url) =>
      call(base, 'POST', '/api/v1/coupons/quote', {
        token: on.token(userId),
        json: { lines: [{ amount: 10_000 }], couponIds: [], codes },
      });
    const codes = ['NOTHING-1', 'QPAUSED-1', 'QSUSPENDED-1', 'QOTHERWAY-1', 'QSOLDOUT-1'];
    const { body } = await quote('581', codes);
    const withoutCode = body.quotes.map((each: object) => ({ ...each, couponCode: '' }));
    expect(body.quotes.map(({ couponCode }: { couponCode: string }) => couponCode).sort()).toEqual([...codes].sort());
    expect(withoutCode).toEqual(Array(5).fill(withoutCode[0]));
    expect(withoutCode[0]).toMatchObject({ couponName: null, reason: { code: 'COUPON_CODE_NOT_FOUND' } });
    // These were 5 of the 20 wrong codes of an hour.
    const others = codes.with(4, 'NOTHING-2');
    for (let turn = 0; turn < 3; turn++) expect((await quote('581', others, other.url)).status).toBe(200);
    expect(said(await quote('581', ['SUMMER-2026']))).toEqual([429, 'RATE_LIMITED']);
    expect(said(await download('581', 'SUMMER-2026', other.url))).toEqual([429, 'RATE_LIMITED']);
    // A quote without a code is none.
    expect((await quote('581', [])).status).toBe(200);
    expect((await quote('582', ['SUMMER-2026', 'SUMMER-2026'])).body.quotes).toMatchObject([{ discountAmount: 3_000 }]);
    expect(said(await quote('582', [...codes, 'SIXTH-1']))).toEqual([400, 'VALIDATION_FAILED']);
  });

  it('a blocked guess gets the message in the requested language', async () => {
    const [english, korean] = await Promise.all([
      validate('SUMMER-2026', on.token('506')),
      validate('SUMMER-2026', on.token('506'), { 'accept-language': 'ko' }),
    ]);
    expect(english.body).toEqual({
      couponCode: 'SUMMER-2026',
      valid: true,
      message: 'A coupon can be had for this code.',
    });
    expect(korean.body.message).toMatch(/[가-힣]/);
  });
});

describe('the default limit of codes', () => {
  let strict: Stage;
  beforeAll(async () => {
    strict = await stage({ rateLimit: true });
    await openPolicy(strict, { distributionType: 'CODE', code: 'SUMMER-2026', maxIssueCount: 3 });
  });
  afterAll(() => strict.stop());

  it('the default limit is five codes a minute, right or wrong, on both routes together', async () => {
    const token = strict.token('511');
    const statuses: number[] = [];
    for (let turn = 0; turn < 7; turn++) {
      const path = turn % 2 ? '/api/coupons/validate/SUMMER-2026' : '/api/v1/coupons/validate/nothing';
      statuses.push((await strict.call('GET', path, { token })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const post = await strict.call('POST', '/api/coupons/download', { token, json: { couponCode: 'SUMMER-2026' } });
    expect(said(post)).toEqual([429, 'RATE_LIMITED']);
  });

  it('each code of a quote counts as one of the five a minute, right or wrong', async () => {
    const quote = (codes: readonly string[]) =>
      strict.call('POST', '/api/v1/coupons/quote', {
        token: strict.token('512'),
        json: { lines: [{ amount: 10_000 }], couponIds: [], codes },
      });
    const right = ['SUMMER-2026', 'nothing'];
    expect([(await quote(right)).status, (await quote(right)).status]).toEqual([200, 200]);
    expect(said(await quote(right))).toEqual([429, 'RATE_LIMITED']);
  });

  it('requests without a token are limited by address', async () => {
    const statuses: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const headers = { 'x-forwarded-for': `10.0.0.${turn}` };
      statuses.push((await strict.call('GET', '/api/v1/coupons/validate/nothing', { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('requests of a machine are limited by the user for whom it acts', async () => {
    const key = await strict.call('POST', '/api/v1/auth/api-keys', {
      token: strict.token('1', 'ADMIN'),
      json: { name: 'till', scopes: ['coupons:issue'] },
    });
    const headers = { 'x-api-key': key.body.secret };
    const ask = (userId: string) =>
      strict.call('POST', '/api/v1/coupons/download', { headers, json: { couponCode: 'nothing', userId } });
    const statuses: number[] = [];
    for (let turn = 0; turn < 6; turn++) statuses.push((await ask('521')).status);
    expect([key.status, ...statuses]).toEqual([201, 404, 404, 404, 404, 404, 429]);
    expect((await ask('522')).status).toBe(404);
  });

  it('many users with one request each for a shared code are not limited', async () => {
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, user) =>
        strict.call('POST', '/api/v1/coupons/download', {
          token: strict.token(String(600 + user)),
          json: { couponCode: 'summer 2026' },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 410, 410, 410, 410, 410, 410]);
  });
});

describe('authorisation', () => {
  it('docs/attacks.md 32: a customer redeems codes for themselves only', async () => {
    const answer = await on.call('POST', '/api/v1/coupons/download', {
      token: on.token('531'),
      json: { couponCode: 'SUMMER-2026', userId: '532' },
    });
    expect(said(answer)).toEqual([403, 'FORBIDDEN']);
    const anonymous = await on.call('POST', '/api/v1/coupons/download', { json: { couponCode: 'SUMMER-2026' } });
    expect(said(anonymous)).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('authorisation of the codes of a policy', () => {
  const routes = (policyId: string) =>
    ['/api/v1/coupon-policies', '/api/coupon-policies'].flatMap((base) => [
      { method: 'POST', path: `${base}/${policyId}/codes`, options: { json: { count: 1 } } },
      {
        method: 'POST',
        path: `${base}/${policyId}/codes.csv`,
        options: { text: 'code\nGIFT-001\n', headers: { 'content-type': 'text/csv' } },
      },
      { method: 'GET', path: `${base}/${policyId}/codes.csv`, options: {} },
    ]);

  it('docs/attacks.md 32, 33: only an admin and the owner generate, import or see codes', async () => {
    const made = await on.call('POST', '/api/v1/coupon-policies', {
      token: on.token('541', 'OWNER'),
      json: { ...policyOf('OWNED-1'), storeId: await storeOf(on, '541') },
    });
    const id: string = made.body.couponPolicyId;
    for (const { method, path, options } of routes(id)) {
      const as = async (token?: string) =>
        (await on.call(method, path, token === undefined ? options : { ...options, token })).status;
      expect([path, await as(), await as(on.token('542')), await as(on.token('543', 'OWNER'))]).toEqual([
        path,
        401,
        403,
        403,
      ]);
    }
    const file = await on.call('GET', `/api/v1/coupon-policies/${id}/codes.csv`, { token: on.token('541', 'OWNER') });
    expect([file.status, file.text]).toEqual([200, 'code,status,userId,redeemedAt,externalId\r\n']);
  });

  it('docs/attacks.md 33: other methods on the routes of codes are refused', async () => {
    const token = on.token('544');
    for (const tail of ['codes', 'codes.csv']) {
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        const answer = await on.call(method, `/api/v1/coupon-policies/1/${tail}`, { token, json: {} });
        expect([403, 405], `${method} ${tail}`).toContain(answer.status);
      }
    }
  });
});

const policyOf = (code: string) => ({
  name: 'Code',
  discountType: 'FIXED_AMOUNT',
  discountValue: 1000,
  distributionType: 'CODE',
  code,
  validDays: 30,
  validFrom: new Date(Date.now() - 1000).toISOString(),
  validUntil: new Date(Date.now() + 86_400_000).toISOString(),
});
