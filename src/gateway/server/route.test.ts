import { expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { RouteScope } from '../auth/scopes.ts';
import type { KeyedCall } from '../idempotency/keyed-call.ts';
import { codesOf, route } from './route.ts';

const PLAIN = {
  id: 'testOperation',
  tag: 'operations',
  method: 'GET',
  paths: ['/test'],
  summary: 'A test',
  status: 200,
} as const;

const STATED = { ...PLAIN, scope: 'policies:read' } as const;

const HOT = { method: 'POST', hot: true, handle: async () => ({ text: '', replayed: false }) } as const;

it('a route without an access rule does not compile', () => {
  // @ts-expect-error access is missing
  route({ ...STATED, handle: () => undefined });
  // @ts-expect-error access is missing
  route({ ...STATED, ...HOT });
  // @ts-expect-error access is missing
  route({ ...PLAIN, plain: true, handle: () => undefined });
  // @ts-expect-error a plain route checks nothing, so it cannot ask for a role
  route({ ...PLAIN, plain: true, access: ['ADMIN'], handle: () => undefined });
  // @ts-expect-error the hot routes check no roles
  route({ ...STATED, ...HOT, access: ['ADMIN'] });
});

it('a route without the scope that an API key needs does not compile', () => {
  // @ts-expect-error scope is missing
  route({ ...PLAIN, access: 'ANYBODY', handle: () => undefined });
  // @ts-expect-error scope is missing
  route({ ...PLAIN, ...HOT, access: 'ANY_TOKEN' });
  // @ts-expect-error not in the list of scopes
  route({ ...PLAIN, access: 'ANYBODY', scope: 'coupon:issue', handle: () => undefined });
  // @ts-expect-error the scope decides for machines, so no list of roles names SERVICE
  route({ ...STATED, access: ['ADMIN', 'SERVICE'], handle: () => undefined });
  // @ts-expect-error a plain route reads no credential, so it cannot ask for a scope
  route({ ...STATED, plain: true, access: 'ANYBODY', handle: () => undefined });
  route({ ...PLAIN, access: 'ANYBODY', scope: 'NEVER', handle: () => undefined });
});

it('a handler gets what its route states, and no more', () => {
  const body = z.strictObject({ amount: z.int() });
  route({
    ...STATED,
    access: 'ANYBODY',
    handle(input) {
      expectTypeOf(input.principal).toEqualTypeOf<Principal | undefined>();
      expectTypeOf(input.body).toEqualTypeOf<undefined>();
      expectTypeOf(input.call).toEqualTypeOf<undefined>();
    },
  });
  route({
    ...STATED,
    access: ['ADMIN'],
    body,
    bodyExample: { amount: 1 },
    idempotent: true,
    handle(input) {
      expectTypeOf(input.principal).toEqualTypeOf<Principal>();
      expectTypeOf(input.body).toEqualTypeOf<{ amount: number }>();
      expectTypeOf(input.call).toEqualTypeOf<KeyedCall>();
    },
  });
});

it('the refusal codes of a route follow from its scope', () => {
  const of = (scope?: RouteScope) => codesOf({ ...PLAIN, access: 'ANYBODY', ...(scope && { scope }) });
  const beyond = (scope: RouteScope) => of(scope).filter((code) => !of().includes(code));
  expect([beyond('coupons:use'), beyond('NEVER')]).toEqual([
    ['UNAUTHENTICATED', 'FORBIDDEN', 'SCOPE_MISSING'],
    ['UNAUTHENTICATED', 'FORBIDDEN'],
  ]);
});

it('the refusal codes of a route follow from body, key and limit', () => {
  const open = codesOf({ ...PLAIN, access: 'ANYBODY', unlimited: true });
  const guarded = codesOf({
    ...PLAIN,
    access: 'ANYBODY',
    body: z.strictObject({}),
    bodyExample: {},
    idempotent: 'required',
  });
  expect(guarded.filter((code) => !open.includes(code))).toEqual([
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'IDEMPOTENCY_KEY_REQUIRED',
    'IDEMPOTENCY_KEY_IN_USE',
    'IDEMPOTENCY_KEY_REUSED',
    'RATE_LIMITED',
  ]);
});
