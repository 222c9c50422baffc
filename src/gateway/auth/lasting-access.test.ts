import { expect, it } from 'vitest';
import { lastingAccess } from './lasting-access.ts';
import type { Principal } from './principal.ts';

const KEY = {
  ...{ role: 'CUSTOMER', userId: 9n, apiKey: { id: 1n, rateLimit: undefined } },
  ...{ scopes: ['users:read'], privileged: new Set<bigint>() },
} as const satisfies Principal;

it('an API key that may do less than when its stream began may not read on', async () => {
  let caller: Principal = KEY;
  const mayStill = lastingAccess({
    authenticate: async () => caller,
    revoked: { has: () => false },
    blocked: { has: () => false },
    clock: () => 1,
  })(KEY, { headers: { 'x-api-key': 'key' }, ip: '::1' }, 'users:read');
  expect(await mayStill()).toBe(true);
  caller = { ...KEY, scopes: ['orders:read'] };
  expect(await mayStill()).toBe(false);
});

it.each(['an API key', 'a token of a machine'])('a stream of %s ends for a user who is locked', async (kind) => {
  const { apiKey, ...machine } = KEY;
  const principal: Principal = kind === 'an API key' ? { ...machine, apiKey } : { ...machine, serviceId: 3n };
  const blocked = new Set<bigint>();
  const mayStill = lastingAccess({
    authenticate: async () => principal,
    revoked: { has: () => false },
    blocked,
    clock: () => 1,
  })(principal, { headers: {}, ip: '::1' }, 'users:read');
  expect(await mayStill()).toBe(true);
  blocked.add(9n);
  expect(await mayStill()).toBe(false);
});

it('a stream of a machine that acts for no user does not end with a locked user who has its number', async () => {
  const machine: Principal = { role: 'SERVICE', userId: 9n, serviceId: 9n, scopes: ['users:read'] };
  const mayStill = lastingAccess({
    authenticate: async () => machine,
    revoked: { has: () => false },
    blocked: new Set([9n]),
    clock: () => 1,
  })(machine, { headers: {}, ip: '::1' }, 'users:read');
  expect(await mayStill()).toBe(true);
});
