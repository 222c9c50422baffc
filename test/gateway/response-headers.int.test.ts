import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { call, openPolicy, SECRET, type Stage, stage } from '../attacks/support.ts';

let on: Stage;
let policyId: string;
beforeAll(async () => {
  on = await stage();
  policyId = await openPolicy(on);
});
afterAll(() => on?.stop());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const issue = () => `/api/v1/coupons/policies/${policyId}/issue`;

describe('caches', () => {
  it('keep no response of a route that needs a credential, nor one to a caller with a credential', async () => {
    const token = on.token('1');
    const answers = [
      await on.call('GET', '/api/v1/coupons/users/1', { token }),
      await on.call('GET', '/api/v1/coupons/users/2', { token }),
      await on.call('GET', '/api/v1/coupons/users/1'),
      await on.call('GET', '/api/v1/points/users/1/balance', { token }),
      await on.call('GET', '/api/v1/coupon-policies', { token }),
      await on.call('POST', issue(), { token }),
      await on.call('POST', issue(), { token }),
      await on.call('POST', `${issue()}?x=1`, { token }),
      await on.call('POST', '/api/v1/auth/login', { json: { email: 'a@example.com', password: 'wrong' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 401, 200, 200, 201, 409, 400, 401]);
    expect(new Set(answers.map(({ headers }) => headers.get('cache-control')))).toEqual(new Set(['no-store']));
  });

  it('may keep public data', async () => {
    for (const path of ['/api/v1/coupon-policies', '/api/v1/products', '/api/openapi.json']) {
      expect((await on.call('GET', path)).headers.get('cache-control')).not.toBe('no-store');
    }
  });
});

it('metrics are compressed for a client that accepts gzip, such as Prometheus, and for no other', async () => {
  for (const encoding of ['gzip', 'identity']) {
    const { status, headers, text } = await call(on.url, 'GET', '/metrics', {
      headers: { 'accept-encoding': encoding },
    });
    expect([status, headers.get('content-encoding')]).toEqual([200, encoding === 'gzip' ? 'gzip' : null]);
    expect(headers.get('vary')).toBe('accept-encoding');
    expect(text).toContain('stampede_http_requests_total');
  }
});

describe('a response with status 401', () => {
  const now = Date.now();
  const signer = accessTokens(SECRET, Date.now);
  const tokens = (): Readonly<Record<string, string>> => ({
    TOKEN_EXPIRED: signer.sign({ sub: '1', role: 'CUSTOMER', ...validFor(-10, now) }),
    TOKEN_NOT_YET_VALID: signer.sign({ sub: '1', role: 'CUSTOMER', ...validFor(900, now + 600_000) }),
    TOKEN_MALFORMED: 'nonsense',
    TOKEN_INVALID: `${on.token('1').slice(0, -4)}AAAA`,
    API_KEY_INVALID: `sk_stampede_1_${'a'.repeat(43)}`,
  });
  const PATTERNS: Readonly<Record<string, RegExp>> = {
    TOKEN_EXPIRED: /^Bearer realm="stampede", error="invalid_token", error_description="[^"]*expired"$/,
    TOKEN_NOT_YET_VALID: /error="invalid_token", error_description="[^"]*not valid yet"$/,
    TOKEN_MALFORMED: /error="invalid_token", error_description="[^"]*malformed"$/,
    TOKEN_INVALID: /error="invalid_token", error_description="[^"]*not valid here"$/,
    API_KEY_INVALID: /error="invalid_token", error_description="The API key [^"]*"$/,
  };

  it.each(Object.keys(PATTERNS))('says %s on every kind of route, also on a public one', async (reason) => {
    const headers = bearer(tokens()[reason] ?? '');
    for (const [method, path] of [
      ['GET', '/api/v1/coupons/users/1'],
      ['GET', '/api/v1/products'],
      ['POST', issue()],
      ['POST', `${issue()}?x=1`],
      ['GET', '/api/v1/ADMIN/coupon-policies'],
    ] as const) {
      const answer = await on.call(method, path, { headers });
      expect([path, answer.status, answer.body.code, answer.body.reason]).toEqual([
        path,
        401,
        'UNAUTHENTICATED',
        reason,
      ]);
      expect(answer.headers.get('www-authenticate')).toMatch(PATTERNS[reason] ?? /^$/);
    }
  });

  it('asks for a credential where none was sent', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/coupons/users/1'],
      ['POST', issue()],
    ] as const) {
      const { status, headers, body } = await on.call(method, path);
      expect([status, headers.get('www-authenticate'), body.reason]).toEqual([
        401,
        'Bearer realm="stampede"',
        'NO_CREDENTIAL',
      ]);
    }
  });

  it('the response to a wrong password is the same as for an unknown account', async () => {
    const wrong = await on.call('POST', '/api/v1/auth/login', {
      json: { email: 'admin@example.com', password: 'wrong' },
    });
    const unknown = await on.call('POST', '/api/v1/auth/login', {
      json: { email: 'no@example.com', password: 'wrong' },
    });
    for (const { status, headers, body } of [wrong, unknown]) {
      expect([status, body.reason]).toEqual([401, 'WRONG_PASSWORD']);
      expect(headers.get('www-authenticate')).toMatch(
        /error="invalid_grant", error_description="[^"]*password is wrong"$/,
      );
    }
    const refresh = await on.call('POST', '/api/v1/auth/refresh', { json: { refreshToken: 'nonsense' } });
    expect([refresh.status, refresh.body.reason]).toEqual([401, 'REFRESH_TOKEN_INVALID']);
  });

  it('is not the response to a login with an expired token in the header', async () => {
    const headers = bearer(tokens()['TOKEN_EXPIRED'] ?? '');
    const json = { email: 'admin@example.com', password: 'correct horse battery' };
    const login = await on.call('POST', '/api/v1/auth/login', { headers, json });
    expect(login.status).toBe(200);
    const { refreshToken } = login.body;
    const refreshed = await on.call('POST', '/api/v1/auth/refresh', { headers, json: { refreshToken } });
    expect(refreshed.status).toBe(200);
    const out = await on.call('POST', '/api/v1/auth/logout', {
      headers,
      json: { refreshToken: refreshed.body.refreshToken },
    });
    expect(out.status).toBe(204);
  });
});

describe('METRICS_PORT', { tags: 'settings' }, () => {
  it('serves metrics on a port of its own, and nothing else there', async () => {
    const other = await stage({ metricsPort: 0 });
    try {
      const { origin } = new URL(other.server.metricsUrl);
      expect(origin).not.toBe(other.url);
      const read = await call(origin, 'GET', '/metrics');
      expect([read.status, read.text]).toEqual([200, expect.stringContaining('stampede_http_requests_total')]);
      expect((await call(origin, 'POST', '/metrics')).status).toBe(405);
      expect((await call(origin, 'GET', '/api/v1/products')).status).toBe(404);
      expect((await fetch(`${other.url}/metrics`)).status).toBe(404);
      expect((await other.call('GET', '/api/openapi.json')).body.paths['/metrics']).toBeUndefined();
    } finally {
      await other.stop();
    }
  });

  it('is where the API is when it is left out', async () => {
    const other = await stage();
    try {
      expect(other.server.metricsUrl).toBe(`${other.url}/metrics`);
      expect((await other.call('GET', '/metrics')).status).toBe(200);
    } finally {
      await other.stop();
    }
  });
});
