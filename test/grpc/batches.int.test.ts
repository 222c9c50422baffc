import { credentials, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { CheckStoreRequest, CheckStoreResponse } from '../../src/contexts/store/api.ts';
import { storeContext } from '../../src/contexts/store/module.ts';
import { createBatcher } from '../../src/platform/batching/batcher.ts';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { currentCall, runInCall } from '../../src/platform/grpc/call-context.ts';
import type { ServiceApi } from '../../src/platform/grpc/contract.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { MESSAGE_BYTES_MAX } from '../../src/platform/grpc/limits.ts';
import { type ServeOptions, serveGrpc } from '../../src/platform/grpc/serve.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { isPrincipal, signPrincipal } from '../support/principals.ts';
import { cuttableProxy } from '../support/transports.ts';

const contract = await storeContext.contract();
const TOKEN = 'right';
const insecure = credentials.createInsecure();
const BATCHED = ['checkStore', 'deleteStore', 'getStore'];

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const ALLOW: ServeOptions['denies'] = ({ token }) =>
  token === TOKEN ? undefined : { code: 'UNAUTHENTICATED', reason: 'no token of a service' };

async function serve(operations: ServiceApi, denies = ALLOW) {
  const others = Object.keys(contract.methods).map((name) => [name, () => Promise.reject(new Error(name))]);
  const server = await serveGrpc({
    services: [{ contract, api: { ...Object.fromEntries(others), ...operations } }],
    host: '127.0.0.1',
    port: 0,
    credentials: ServerCredentials.createInsecure(),
    isMutual: false,
    denies,
    isPrincipal,
    log: pino({ level: 'silent' }),
  });
  undo.push(() => server.stop(500));
  return server;
}

type Api = Record<(typeof BATCHED)[number], (request: object) => Promise<unknown>>;

function connect(port: number, token = TOKEN, onMessage: (calls: number) => void = () => {}) {
  const dialled = dial(contract, {
    addresses: staticAddresses([`127.0.0.1:${port}`]),
    credentials: insecure,
    batched: BATCHED,
    onMessage,
  });
  undo.push(dialled.close);
  const api = dialled.apiFor({ token: () => token, signPrincipal }) as unknown as Api;
  const call = (name: string, request: object): Promise<unknown> => api[name]?.(request) ?? Promise.reject(name);
  return { ...dialled, call, check: (storeId: bigint) => call('checkStore', { storeId }) };
}

/** A response that names the store. */
const standing = (storeId: bigint) => ({
  outcome: { $case: 'standing', value: { storeId, ownerId: 1n, isOpen: true, version: 1, staff: [] } },
});
const storeOf = (response: unknown) => (response as ReturnType<typeof standing>).outcome.value.storeId;
const refused = { outcome: { $case: 'refusal', value: { code: 'STORE_NOT_FOUND', details: { storeId: '1' } } } };
const unavailable = (code = 'DEPENDENCY_UNAVAILABLE') => expect.objectContaining({ name: 'Unavailable', code });
const upTo = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index + 1));
const keyed = (key: string) => ({
  storeId: 1n,
  principal: { userId: 1n, role: 'ADMIN' },
  commandKey: { scope: 's', key, requestHash: new Uint8Array(32) },
});

describe('calls that share messages', () => {
  test('calls of one turn of the event loop reach the batcher of the service as one batch', async () => {
    const sizes: number[] = [];
    const batcher = createBatcher({
      name: 'test',
      classify: () => 'poison',
      async execute(ids: readonly bigint[]) {
        sizes.push(ids.length);
        return ids.map(standing);
      },
    });
    const { port } = await serve({ checkStore: ({ storeId }: { storeId: bigint }) => batcher.submit(storeId) });
    const messages: number[] = [];
    const store = connect(port, TOKEN, (calls) => messages.push(calls));
    await store.check(1n);
    const answers = await Promise.all(upTo(200).map(store.check));
    expect(answers.map(storeOf)).toEqual(upTo(200));
    expect(sizes).toEqual([1, 200]);
    expect(messages).toEqual([1, 200]);
  });

  test('more calls than a message takes, and calls of every size, all get their own responses', async () => {
    const { port } = await serve({
      checkStore: async ({ storeId }: { storeId: bigint }) => standing(storeId),
      deleteStore: async ({ commandKey }: { commandKey: { key: string } }) => ({
        outcome: { $case: 'refusal', value: { code: commandKey.key, details: {} } },
      }),
    });
    const store = connect(port);
    const large = upTo(12).map((id) => store.call('deleteStore', keyed(`${id} ${'x'.repeat(200_000)}`)));
    const answers = await Promise.all(upTo(3_000).map(store.check));
    expect(answers.map(storeOf)).toEqual(upTo(3_000));
    const codes = (await Promise.all(large)).map((it) => (it as typeof refused).outcome.value.code.split(' ')[0]);
    expect(codes).toEqual(upTo(12).map(String));
  });

  test('a slow call holds up no other of its message, and neither does a refused or a failed one', async () => {
    const slow = Promise.withResolvers<object>();
    const { port } = await serve({
      checkStore: async ({ storeId }: { storeId: bigint }) => {
        if (storeId === 1n) return slow.promise;
        if (storeId === 2n) throw new Error('nobody foresaw it');
        if (storeId === 3n) throw new Unavailable('OVERLOADED', 'the queue is full', 7);
        return storeId === 4n ? refused : standing(storeId);
      },
    });
    const store = connect(port);
    const [first, ...others] = upTo(6).map(store.check);
    const settled = await Promise.allSettled(others);
    slow.resolve(standing(1n));
    expect(settled).toMatchObject([
      { status: 'rejected', reason: { message: expect.stringContaining('INTERNAL: unforeseen') } },
      { status: 'rejected', reason: { code: 'OVERLOADED', retryAfterSeconds: 7 } },
      { status: 'fulfilled', value: refused },
      { status: 'fulfilled', value: standing(5n) },
      { status: 'fulfilled', value: standing(6n) },
    ]);
    await expect(first).resolves.toMatchObject(standing(1n));
  });

  test('docs/attacks.md 37: a call of a message is denied as the same call alone, and the others are executed', async () => {
    let deletions = 0;
    const { port } = await serve(
      {
        checkStore: async ({ storeId }: { storeId: bigint }) => standing(storeId),
        deleteStore: async () => {
          deletions += 1;
          return refused;
        },
      },
      (caller, path) =>
        path.endsWith('/DeleteStore') ? { code: 'PERMISSION_DENIED', reason: 'may not delete' } : ALLOW(caller, path),
    );
    const store = connect(port);
    const settled = await Promise.allSettled([store.check(1n), store.call('deleteStore', keyed('k')), store.check(2n)]);
    expect(settled).toMatchObject([
      { status: 'fulfilled', value: standing(1n) },
      { status: 'rejected', reason: { message: expect.stringContaining('PERMISSION_DENIED') } },
      { status: 'fulfilled', value: standing(2n) },
    ]);
    expect(deletions).toBe(0);
    await expect(connect(port, 'wrong').check(1n)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('each call has the deadline, the request id and the trace of its own request', async () => {
    const seen = new Map<bigint, unknown>();
    const { port } = await serve({
      async checkStore({ storeId }: { storeId: bigint }) {
        const { requestId, traceparent, deadlineMs = 0 } = currentCall() ?? {};
        seen.set(storeId, [requestId, traceparent, deadlineMs - Date.now()]);
        return storeId === 1n ? new Promise(() => {}) : standing(storeId);
      },
    });
    const store = connect(port);
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const soon = { requestId: 'soon', deadlineMs: Date.now() + 1_000, traceparent: trace };
    const calls = [
      runInCall(soon, () => store.check(1n)),
      runInCall({ requestId: 'later' }, () => store.check(2n)),
      store.check(3n),
    ];
    const settled = await Promise.allSettled(calls);
    expect(settled).toMatchObject([
      { status: 'rejected', reason: { name: 'Unavailable', code: 'DEPENDENCY_UNAVAILABLE' } },
      { status: 'fulfilled', value: standing(2n) },
      { status: 'fulfilled', value: standing(3n) },
    ]);
    const [one, two, three] = [1n, 2n, 3n].map((id) => seen.get(id) as [string, string | undefined, number]);
    expect(one?.slice(0, 2)).toEqual(['soon', trace]);
    expect(one?.[2]).toBeLessThanOrEqual(750);
    expect(two?.slice(0, 2)).toEqual(['later', undefined]);
    expect(two?.[2]).toBeGreaterThan(5_000);
    expect(three?.[0]).toMatch(/^[\w-]{36}$/);
  });

  test('when the stream is lost, calls with a key are made again and the others are unknown', async () => {
    let arrived = 0;
    const everyOne = Promise.withResolvers<void>();
    const { port } = await serve({
      checkStore: () => new Promise(() => {}),
      async deleteStore() {
        arrived += 1;
        if (arrived === 10) everyOne.resolve();
        return arrived <= 10 ? new Promise(() => {}) : refused;
      },
    });
    const link = await cuttableProxy(port);
    undo.push(link.close);
    const store = connect(link.port);
    const without = store.check(1n);
    without.catch(() => {});
    const withKey = upTo(10).map((id) => store.call('deleteStore', keyed(String(id))));
    await everyOne.promise;
    link.cut();
    await expect(without).rejects.toEqual(unavailable());
    expect(await Promise.all(withKey)).toEqual(upTo(10).map(() => expect.objectContaining(refused)));
    expect(arrived).toBe(20);
  });

  test('calls go on after the messages of a lost stream were never written', async () => {
    const { port } = await serve({ checkStore: async ({ storeId }: { storeId: bigint }) => standing(storeId) });
    const link = await cuttableProxy(port);
    undo.push(link.close);
    const store = connect(link.port);
    await store.check(1n);
    for (let time = 0; time < 5; time++) {
      const calls = upTo(2_000).map(store.check);
      link.cut();
      await Promise.allSettled(calls);
    }
    await expect.poll(() => store.check(7n).then(storeOf, () => undefined)).toBe(7n);
  });

  test('a call too large for a message, or with a response that is, fails alone', async () => {
    const { port } = await serve({
      checkStore: async ({ storeId }: { storeId: bigint }) =>
        storeId === 1n
          ? { outcome: { $case: 'refusal', value: { code: 'x'.repeat(MESSAGE_BYTES_MAX), details: {} } } }
          : standing(storeId),
      deleteStore: async () => refused,
    });
    const store = connect(port);
    const settled = await Promise.allSettled([
      store.check(1n),
      store.call('deleteStore', keyed('x'.repeat(MESSAGE_BYTES_MAX))),
      store.check(2n),
    ]);
    expect(settled).toMatchObject([
      { status: 'rejected', reason: { message: expect.stringContaining('RESOURCE_EXHAUSTED') } },
      { status: 'rejected', reason: { message: expect.stringContaining('RESOURCE_EXHAUSTED') } },
      { status: 'fulfilled', value: standing(2n) },
    ]);
  });

  test('a service that stops executes every call that it got, and lets its clients leave before the time is up', async () => {
    const begun: bigint[] = [];
    const gate = Promise.withResolvers<void>();
    const server = await serve({
      async checkStore({ storeId }: { storeId: bigint }) {
        begun.push(storeId);
        await gate.promise;
        return standing(storeId);
      },
    });
    const store = connect(server.port);
    const calls = upTo(50).map(store.check);
    await expect.poll(() => begun.length).toBe(50);
    let hasStopped = false;
    const stopped = server.stop(60_000).then(() => {
      hasStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasStopped).toBe(false);
    gate.resolve();
    expect((await Promise.all(calls)).map(storeOf)).toEqual(upTo(50));
    await stopped;
  });

  test('a service of an earlier version gets each call alone', async () => {
    const { checkStore } = contract.methods;
    const server = new Server();
    const definition = {
      path: `/${contract.fullName}/CheckStore`,
      requestStream: false as const,
      responseStream: false as const,
      requestSerialize: (message: CheckStoreRequest) => Buffer.from(checkStore.requestType.encode(message).finish()),
      requestDeserialize: (bytes: Buffer) => checkStore.requestType.decode(bytes),
      responseSerialize: (message: CheckStoreResponse) => Buffer.from(checkStore.responseType.encode(message).finish()),
      responseDeserialize: (bytes: Buffer) => checkStore.responseType.decode(bytes),
    };
    const handler = (call: ServerUnaryCall<{ storeId: bigint }, never>, respond: sendUnaryData<unknown>) =>
      respond(null, standing(call.request.storeId));
    server.addService({ checkStore: definition }, { checkStore: handler as never });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    undo.push(() => server.forceShutdown());
    const answers = await Promise.all(upTo(5).map(connect(port).check));
    expect(answers.map(storeOf)).toEqual(upTo(5));
  });
});
