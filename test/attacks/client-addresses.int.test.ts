// @module-tag settings
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, LIMITS, openPolicy, type Stage, stage, until } from './support.ts';

const LIMIT = 20;
const SETTINGS = { rateLimit: true, limits: { ...LIMITS, address: LIMIT } };

let behindProxy: Stage;
let policyId: string;
beforeAll(async () => {
  behindProxy = await stage({ ...SETTINGS, trustProxy: ['loopback', '10.0.0.0/8'] });
  policyId = await openPolicy(behindProxy);
});
afterAll(() => behindProxy?.stop());

const from = (address: string) => ({ 'x-forwarded-for': address, forwarded: `for=${address}` });

/** A route of Nest, a hot route without Fastify and the same with it: a body whose length is not known goes to Fastify. */
const WAYS: Readonly<Record<string, (headers: Record<string, string>) => Promise<Answer>>> = {
  'a route of Nest': (headers) => behindProxy.call('GET', '/api/v1/products', { headers }),
  'a hot route': (headers) => behindProxy.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { headers }),
  'a hot route by Fastify': (headers) =>
    behindProxy.call('POST', `/api/v1/coupons/policies/${policyId}/issue?x=1`, { headers }),
};
const statusesOf = async (ask: (count: number) => Promise<Answer>, count: number): Promise<number[]> => {
  const statuses: number[] = [];
  for (let asked = 0; asked < count; asked++) statuses.push((await ask(asked)).status);
  return statuses;
};
const limited = (statuses: readonly number[]): number => statuses.filter((status) => status === 429).length;

describe.each(Object.entries(WAYS))('the address of a client on %s', (name, ask) => {
  const network = Object.keys(WAYS).indexOf(name);

  it('docs/attacks.md 68: clients behind a trusted proxy are distinguished', async () => {
    const others = await statusesOf((count) => ask(from(`203.0.${network}.${count}`)), LIMIT + 5);
    const alone = await statusesOf(() => ask(from(`198.51.${network}.1`)), LIMIT + 5);
    expect([limited(others), limited(alone), alone.at(-1)]).toEqual([0, 5, 429]);
  });

  it('docs/attacks.md 68: an address that a client puts before its own is not believed', async () => {
    const forged = (count: number) => from(`192.0.2.${count}, 198.51.${network}.2, 10.0.0.7`);
    expect(limited(await statusesOf((count) => ask(forged(count)), LIMIT + 5))).toBe(5);
  });

  it('docs/attacks.md 67: the addresses of one IPv6 /64 are one bucket, and those of another are another', async () => {
    const statuses = await statusesOf((count) => ask(from(`2001:db8:${network}:1::${count}:1`)), LIMIT + 5);
    const other = await ask(from(`2001:db8:${network}:2::1`));
    expect([limited(statuses), limited([other.status])]).toEqual([5, 0]);
  });
});

it('docs/attacks.md 46: nothing of these headers is believed without TRUST_PROXY, or from another peer', async () => {
  for (const trustProxy of [undefined, ['192.0.2.0/24']]) {
    const direct = await stage({ ...SETTINGS, trustProxy });
    try {
      const ask = (count: number) => direct.call('GET', '/api/v1/products', { headers: from(`203.0.113.${count}`) });
      expect(limited(await statusesOf(ask, LIMIT + 5))).toBe(5);
    } finally {
      await direct.stop();
    }
  }
});

describe('credentials that are not valid', () => {
  it.each(Object.entries(WAYS))('are limited by address on %s', async (name, ask) => {
    const address = from(`198.51.${Object.keys(WAYS).indexOf(name)}.3`);
    const wrong = (count: number) => ({ authorization: `Bearer ${behindProxy.token('1')}${count}` });
    const statuses = await statusesOf((count) => ask({ ...address, ...wrong(count) }), LIMIT + 5);
    expect(statuses).toEqual([...Array(LIMIT).fill(401), ...Array(5).fill(429)]);
  });

  it('unknown API keys are counted once each, and above the limit they are not looked up', async () => {
    const alone = await stage(SETTINGS);
    const owner = new pg.Client({ connectionString: alone.database.url });
    await owner.connect();
    try {
      const made = await alone.call('POST', '/api/v1/auth/api-keys', {
        token: alone.token('1', 'ADMIN'),
        json: { name: 'till', scopes: ['catalog:read'] },
      });
      const ask = (key: string) => alone.call('GET', '/api/v1/products', { headers: { 'x-api-key': key } });
      const unknown = (count: number) => `sk_stampede_${count + 1}_${'a'.repeat(43)}`;
      // The right key is counted at its first look-up.
      expect((await ask(made.body.secret)).status).toBe(200);
      const statuses = await statusesOf((count) => ask(unknown(count)), LIMIT + 4);
      expect(statuses).toEqual([...Array(LIMIT - 1).fill(401), ...Array(5).fill(429)]);
      await owner.query('alter table identity.api_keys rename to hidden');
      expect((await ask(unknown(99))).status).toBe(429);
      await owner.query('alter table identity.hidden rename to api_keys');
      // After the cache a key that was right is looked up again, also when its address is over the limit.
      await new Promise((resolve) => setTimeout(resolve, 5_100));
      expect((await ask(made.body.secret)).status).toBe(200);
    } finally {
      await owner.end();
      await alone.stop();
    }
  });
});

describe('the limit of an API key', () => {
  it('is its own, for all users that it acts for, and a change of it takes effect', async () => {
    const token = behindProxy.token('1', 'ADMIN');
    const json = { name: 'shop', scopes: ['coupons:read'], rateLimit: 5 };
    const made = await behindProxy.call('POST', '/api/v1/auth/api-keys', { token, json });
    const ask = (userId: number) =>
      behindProxy.call('GET', `/api/v1/coupons/users/${userId}`, {
        headers: { 'x-api-key': made.body.secret, 'x-user-id': String(userId) },
      });
    expect(await statusesOf((count) => ask(7_000 + count), 7)).toEqual([...Array(5).fill(200), 429, 429]);
    const change = await behindProxy.call('PATCH', `/api/v1/auth/api-keys/${made.body.apiKeyId}`, {
      token,
      json: { rateLimit: 500 },
    });
    expect([change.status, change.body.rateLimit]).toEqual([200, 500]);
    await until(async () => (await ask(7_100)).status === 200);
    const after = await ask(7_100);
    // What the key has used of this minute counts on.
    expect(after.headers.get('ratelimit-policy')).toBe('"default";q=500;w=60');
    expect(Number(/r=(\d+)/.exec(after.headers.get('ratelimit') ?? '')?.[1])).toBeLessThan(495);
  });

  it('is that of machines by default, also for their tokens', async () => {
    const machine = { token: behindProxy.token('8', 'SERVICE', 'catalog:read') };
    const made = await behindProxy.call('POST', '/api/v1/auth/api-keys', {
      token: behindProxy.token('1', 'ADMIN'),
      json: { name: 'shop', scopes: ['catalog:read'] },
    });
    for (const caller of [machine, { token: made.body.secret as string }]) {
      const { headers } = await call(behindProxy.server.url, 'GET', '/api/v1/products', caller);
      expect(headers.get('ratelimit-policy')).toBe('"default";q=6000;w=60');
    }
  });
});
