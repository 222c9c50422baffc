// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, type Stage, stage } from '../attacks/support.ts';

const SHOP = 'https://shop.example.com';
let on: Stage;
let issue: string;
beforeAll(async () => {
  on = await stage({ corsOrigins: [SHOP, 'http://localhost:3000'] });
  issue = `/api/v1/coupons/policies/${await openPolicy(on)}/issue`;
});
afterAll(() => on?.stop());

const corsOf = (headers: Headers) => [...headers].filter(([name]) => name.startsWith('access-control-'));
const preflight = (path: string, origin: string) =>
  on.call('OPTIONS', path, { headers: { origin, 'access-control-request-method': 'POST' } });

describe('pages of other origins', () => {
  it.each(['/api/v1/products', '/api/v1/coupons/policies/1/issue', '/nope'])(
    'a preflight for %s is answered for a listed origin, without a token',
    async (path) => {
      const { status, headers } = await preflight(path, SHOP);
      expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([204, SHOP, 'origin']);
      expect(headers.get('access-control-allow-methods')).toContain('PATCH');
      expect(headers.get('access-control-allow-headers')).toMatch(/authorization.*idempotency-key/);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    },
  );

  it.each(['https://evil.example', 'null', `${SHOP}.evil.example`, 'http://shop.example.com', `${SHOP}:444`])(
    'the origin %s, which is not listed, gets no permission',
    async (origin) => {
      const refused = await preflight('/api/v1/products', origin);
      expect([refused.status, corsOf(refused.headers)]).toEqual([405, []]);
      const { headers } = await on.call('GET', '/api/v1/products', { headers: { origin } });
      expect([corsOf(headers), headers.get('vary')]).toEqual([[], 'origin']);
    },
  );

  it('a listed origin may read responses and refusals of every kind of route', async () => {
    const headers = { origin: SHOP };
    const token = on.token('7');
    const answers = [
      await on.call('GET', '/api/v1/products', { headers }),
      await on.call('GET', '/api/v1/products/1', { headers }),
      await on.call('POST', issue, { headers }),
      await on.call('POST', issue, { token, headers }),
      await on.call('POST', issue, { token, headers }),
      await on.call('POST', `${issue}?x=1`, { token, headers }),
      await on.call('GET', '/healthz', { headers }),
      await on.call('PATCH', '/api/v1/products', { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 401, 201, 409, 400, 200, 405]);
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(SHOP);
      expect(answer.headers.get('access-control-expose-headers')).toMatch(/retry-after.*idempotent-replayed/);
    }
  });
});

it('without CORS_ORIGINS nothing is said about origins', async () => {
  const without = await stage();
  try {
    const { headers } = await without.call('GET', '/api/v1/products', { headers: { origin: SHOP } });
    expect([corsOf(headers), headers.get('vary')]).toEqual([[], null]);
  } finally {
    await without.stop();
  }
});
