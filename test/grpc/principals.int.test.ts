import { credentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { type CallerTokens, dial } from '../../src/platform/grpc/dial.ts';
import { principalKey, principalSigner } from '../../src/platform/grpc/principal-tokens.ts';
import { signPrincipal } from '../support/principals.ts';
import { STORE_CONTRACT, serveStore, TOKEN, type Undo } from '../support/store-service.ts';

const OWNER = { userId: 7n, role: 'OWNER' };
const ADMIN = { userId: 7n, role: 'ADMIN' };
const LISTED = { storeIds: [7n] };

const undo: Undo = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

type Call = (request: object) => Promise<unknown>;
function connect(address: string, tokens: Omit<CallerTokens, 'token'>, batched: readonly string[]) {
  const dialled = dial(STORE_CONTRACT, {
    addresses: staticAddresses([address]),
    credentials: credentials.createInsecure(),
    batched,
  });
  undo.push(() => dialled.close());
  return dialled.apiFor({ token: () => TOKEN, ...tokens }) as unknown as Record<
    'listCounterStores' | 'checkStore',
    Call
  >;
}

const denied = expect.objectContaining({
  message: expect.stringContaining('PERMISSION_DENIED'),
  cause: expect.objectContaining({ code: status.PERMISSION_DENIED }),
});

describe.each([
  ['alone', []],
  ['in a message with others', ['listCounterStores', 'checkStore']],
])('the principal of a call %s', (_, batched) => {
  test('docs/attacks.md 37: a principal counts when the gateway has signed it, and no other does', async () => {
    let calls = 0;
    const listCounterStores = async () => {
      calls += 1;
      return LISTED;
    };
    const address = await serveStore(undo, { listCounterStores });
    const gateway = connect(address, { signPrincipal }, batched);
    expect(await gateway.listCounterStores({ principal: OWNER })).toEqual(LISTED);
    const forged = [
      undefined,
      () => '',
      principalSigner(principalKey('the secret of somebody else, as long as ours'), Date.now),
      () => signPrincipal(OWNER),
    ];
    for (const sign of forged) {
      const attacker = connect(address, { signPrincipal: sign }, batched);
      await expect(attacker.listCounterStores({ principal: ADMIN })).rejects.toEqual(denied);
    }
    expect(calls).toBe(1);
  });

  test('a principal that was signed for another time is refused as unavailable, without an effect', async () => {
    let calls = 0;
    const listCounterStores = async () => {
      calls += 1;
      return LISTED;
    };
    const address = await serveStore(undo, { listCounterStores });
    const key = principalKey('the secret by which a test names principals');
    const late = connect(address, { signPrincipal: principalSigner(key, () => Date.now() - 60_000) }, batched);
    await expect(late.listCounterStores({ principal: OWNER })).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      retryAfterSeconds: 1,
    });
    expect(calls).toBe(0);
  });

  test('a service passes on the principal that it was called for, and names no other', async () => {
    const inner = await serveStore(undo, { listCounterStores: async () => LISTED });
    const onward = connect(inner, {}, batched);
    const asked = { OWNER, ADMIN };
    let principal: (typeof asked)[keyof typeof asked] = OWNER;
    const outer = await serveStore(undo, { listCounterStores: () => onward.listCounterStores({ principal }) as never });
    const gateway = connect(outer, { signPrincipal }, batched);
    expect(await gateway.listCounterStores({ principal: OWNER })).toEqual(LISTED);
    principal = ADMIN;
    await expect(gateway.listCounterStores({ principal: OWNER })).rejects.toThrow('INTERNAL');
    // Outside of a request, as in a scheduled task, there is none to pass on.
    await expect(onward.listCounterStores({ principal: OWNER })).rejects.toEqual(denied);
  });

  test('a request without a principal needs no signature', async () => {
    const standing = { storeId: 1n, ownerId: 1n, isOpen: true, version: 1, staff: [] };
    const address = await serveStore(undo, {
      checkStore: async () => ({ outcome: { $case: 'standing', value: standing } }),
    });
    expect(await connect(address, {}, batched).checkStore({ storeId: 1n })).toMatchObject({
      outcome: { value: standing },
    });
  });
});
