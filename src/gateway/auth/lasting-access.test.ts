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
