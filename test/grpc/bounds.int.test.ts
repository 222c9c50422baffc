import { once } from 'node:events';
import http2 from 'node:http2';
import { Client, credentials, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ExecuteRequest, type ExecuteResponse } from '../../src/gen/wire/stampede/calls/v1/calls.ts';
import { type AddressSource, onlyLoopback, staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { EXECUTE } from '../../src/platform/grpc/batch-contract.ts';
import { type DialOptions, dial } from '../../src/platform/grpc/dial.ts';
import { INSTANCES_MAX, KEEPALIVE_MS, STREAMS_MAX } from '../../src/platform/grpc/limits.ts';
import { serveGrpc } from '../../src/platform/grpc/serve.ts';
import { signPrincipal } from '../support/principals.ts';
import { STORE_CONTRACT, serveStore, TOKEN, type Undo } from '../support/store-service.ts';

const CHECK = '/stampede.store.v1.StoreService/CheckStore';
const GZIP = 2;
const ABSENT = { requestId: undefined, traceparent: undefined, principalToken: undefined };
const insecure = credentials.createInsecure();
const standing = {
  outcome: { $case: 'standing', value: { storeId: 1n, ownerId: 1n, isOpen: true, version: 1, staff: [] } },
};

const undo: Undo = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const step of undo.splice(0).reverse()) await step();
});

const asIs = (bytes: Buffer): Buffer => bytes;

/** A client that keeps to none of the limits, and compresses. */
function rawClient(address: string): Client {
  const client = new Client(address, insecure, {
    'grpc.default_compression_algorithm': GZIP,
    'grpc.max_send_message_length': -1,
  });
  undo.push(() => client.close());
  return client;
}

const executeRaw = (address: string) => rawClient(address).makeBidiStreamRequest(EXECUTE.path, asIs, asIs);

function connect(addresses: AddressSource, options: Pick<DialOptions, 'batched' | 'onTooMany'> = {}) {
  const dialled = dial(STORE_CONTRACT, { addresses, credentials: insecure, batched: ['checkStore'], ...options });
  undo.push(dialled.close);
  const api = dialled.apiFor({ token: () => TOKEN, signPrincipal }) as unknown as {
    checkStore(request: object): Promise<unknown>;
  };
  return { ...dialled, check: () => api.checkStore({ storeId: 1n }) };
}

describe('docs/attacks.md 37: what another process sends', () => {
  test('a compressed message with two million empty calls ends its stream, and others are served', async () => {
    const decode = vi.spyOn(ExecuteRequest, 'decode');
    const address = await serveStore(undo, { checkStore: async () => standing });
    const stream = executeRaw(address);
    stream.on('data', () => {});
    const failed = new Promise((resolve) => stream.on('error', resolve));
    stream.write(Buffer.alloc(4_000_000, Buffer.of(0x1a, 0)));
    const error = await failed;
    expect(error).toMatchObject({ code: status.INTERNAL });
    expect(decode).not.toHaveBeenCalled();
    await expect(connect(staticAddresses([address])).check()).resolves.toMatchObject(standing);
  });

  test('a request is not decoded before its token was checked', async () => {
    const { requestType } = STORE_CONTRACT.methods['checkStore'];
    const decode = vi.spyOn(requestType, 'decode');
    const address = await serveStore(undo, { checkStore: async () => standing });
    const call = (token: string) => {
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${token}`);
      return new Promise((resolve) =>
        rawClient(address).makeUnaryRequest(CHECK, asIs, asIs, Buffer.alloc(0), metadata, (error) =>
          resolve(error?.code ?? status.OK),
        ),
      );
    };
    expect(await call('wrong')).toBe(status.UNAUTHENTICATED);
    expect(decode).not.toHaveBeenCalled();
    expect(await call(TOKEN)).toBe(status.OK);
    expect(decode).toHaveBeenCalledOnce();
  });

  test('messages without a token do not fill the log', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const address = await serveStore(undo, {}, log);
    const stream = executeRaw(address);
    let received = 0;
    stream.on('data', () => {
      received += 1;
    });
    stream.on('error', () => {});
    const call = { id: 1, method: 0, request: Buffer.of(), timeoutMs: 1, ...ABSENT };
    const message = Buffer.from(ExecuteRequest.encode({ token: 'wrong', methods: [CHECK], calls: [call] }).finish());
    for (let time = 0; time < 1_000; time++) stream.write(message);
    await expect.poll(() => received, { timeout: 60_000 }).toBeGreaterThan(0);
    stream.end();
    await once(stream, 'end');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(300);
  });

  test('a connection has a limit of streams', async () => {
    const session = http2.connect(`http://${await serveStore(undo, {})}`);
    undo.push(() => session.destroy());
    const [settings] = await once(session, 'remoteSettings');
    expect(settings.maxConcurrentStreams).toBe(STREAMS_MAX);
  });

  test('a service with more outcomes than it was asked for loses its stream', async () => {
    const server = new Server();
    const outcomes = (ids: readonly number[]): ExecuteResponse => ({
      outcomes: ids.map((id) => ({
        id,
        result: {
          $case: 'failure',
          value: { code: status.INTERNAL, details: 'x', reason: undefined, retryAfter: undefined },
        },
      })),
      draining: false,
    });
    server.addService(
      { execute: EXECUTE },
      {
        execute: (stream: NodeJS.ReadWriteStream) =>
          stream.on('data', ({ calls }: ExecuteRequest) => {
            const id = calls[0]?.id ?? 0;
            stream.write(outcomes([id, 7, 8]) as never);
          }),
      },
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    undo.push(() => server.forceShutdown());
    await expect(connect(staticAddresses([`127.0.0.1:${port}`])).check()).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
    });
  });
});

describe('docs/attacks.md 37: what a registry names', () => {
  test('no more than 100 instances get a connection, and those that have one keep it', async () => {
    const address = await serveStore(undo, { checkStore: async () => standing });
    let change: (addresses: readonly string[]) => void = () => {};
    const source: AddressSource = {
      watch(onChange) {
        change = onChange;
        onChange([address]);
        return () => {};
      },
      refresh() {},
    };
    const reported: number[] = [];
    const store = connect(source, { onTooMany: (named) => reported.push(named) });
    await store.ping(10_000);
    const forged = Array.from({ length: 5_000 }, (_, index) => `127.1.${index >> 7}.${index & 127}:9`);
    change([...forged, address]);
    change([...forged, address]);
    expect(store.instances()).toEqual({ ready: 1, known: INSTANCES_MAX });
    expect(reported).toEqual([5_001]);
    await expect(store.check()).resolves.toMatchObject(standing);
    change([address]);
    expect(store.instances().known).toBe(1);
  });

  test('no more than 100 addresses of other machines are reported', () => {
    const refused: string[] = [];
    const source = staticAddresses(Array.from({ length: 5_000 }, (_, index) => `10.0.${index >> 7}.${index & 127}:9`));
    onlyLoopback(source, (address) => refused.push(address)).watch((addresses) => expect(addresses).toEqual([]));
    expect(refused).toHaveLength(100);
  });
});

describe('a service that stops', () => {
  test('waits for a call that lasts longer than the keepalive of its connection', async () => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const others = Object.keys(STORE_CONTRACT.methods).map((name) => [name, () => Promise.reject(new Error(name))]);
    const checkStore = async () => {
      begun.resolve();
      await gate.promise;
      return standing;
    };
    const { port, stop } = await serveGrpc({
      services: [{ contract: STORE_CONTRACT, api: { ...Object.fromEntries(others), checkStore } }],
      host: '127.0.0.1',
      port: 0,
      credentials: ServerCredentials.createInsecure(),
      isMutual: false,
      denies: () => undefined,
      isPrincipal: () => true,
      log: pino({ level: 'silent' }),
    });
    const call = connect(staticAddresses([`127.0.0.1:${port}`]), { batched: [] }).check();
    await begun.promise;
    const stopped = stop(60_000);
    await new Promise((resolve) => setTimeout(resolve, 2 * KEEPALIVE_MS + 500));
    gate.resolve();
    await expect(call).resolves.toMatchObject(standing);
    await stopped;
  });
});
