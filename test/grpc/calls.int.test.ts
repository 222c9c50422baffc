import { credentials, Client as GrpcClient, Metadata, status } from '@grpc/grpc-js';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { currentCall, runInCall } from '../../src/platform/grpc/call-context.ts';
import type { ServiceApi } from '../../src/platform/grpc/contract.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { MESSAGE_BYTES_MAX } from '../../src/platform/grpc/limits.ts';
import type { ServeOptions } from '../../src/platform/grpc/serve.ts';
import { KeyInUse } from '../../src/platform/kernel/command-key.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { createLogger } from '../../src/platform/telemetry/logger.ts';
import { testDatabase } from '../support/postgres.ts';
import { signPrincipal } from '../support/principals.ts';
import { STORE_CONTRACT, serveStore, startStoreProcess, TOKEN, type Undo } from '../support/store-service.ts';
import { cuttableProxy } from '../support/transports.ts';

const contract = STORE_CONTRACT;
const insecure = credentials.createInsecure();
const CHECK = '/stampede.store.v1.StoreService/CheckStore';

const undo: Undo = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const serve = (operations: ServiceApi, log?: ServeOptions['log']) => serveStore(undo, operations, log);
const startProcess = (port: number) => startStoreProcess(undo, port);

function connect(address: string, token = TOKEN) {
  const dialled = dial(contract, { addresses: staticAddresses([address]), credentials: insecure });
  undo.push(dialled.close);
  const api = dialled.apiFor({ token: () => token, signPrincipal }) as Record<
    string,
    (request: object) => Promise<unknown>
  >;
  return { ...dialled, checkStore: (storeId = 1n) => api['checkStore']?.({ storeId }), api };
}

/** A call without the client of this system. */
function callRaw(address: string, path: string): Promise<number> {
  const client = new GrpcClient(address, insecure);
  undo.push(() => client.close());
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      same,
      same,
      Buffer.alloc(0),
      new Metadata(),
      { deadline: Date.now() + 5_000 },
      (error) => resolve(error?.code ?? status.OK),
    );
  });
}

const unavailable = (code = 'DEPENDENCY_UNAVAILABLE') => expect.objectContaining({ name: 'Unavailable', code });

describe('a call of another process', () => {
  test('docs/attacks.md 37: a call without a token, or with a wrong one, is refused', async () => {
    const address = await serve({ checkStore: async () => ({ outcome: undefined }) });
    expect(await callRaw(address, CHECK)).toBe(status.UNAUTHENTICATED);
    await expect(connect(address, 'wrong').checkStore()).rejects.toThrow('UNAUTHENTICATED');
  });

  test('docs/attacks.md 37: the services do not describe themselves', async () => {
    const address = await serve({});
    for (const version of ['v1', 'v1alpha']) {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      expect(await callRaw(address, path)).toBe(status.UNIMPLEMENTED);
    }
  });

  test('a health check needs no token', async () => {
    expect(await callRaw(await serve({}), '/grpc.health.v1.Health/Check')).toBe(status.OK);
  });

  test('a failure that a caller handles has its code and its time to wait', async () => {
    const busy = new Unavailable('OVERLOADED', 'the queue is full', 7);
    const overloaded = connect(await serve({ checkStore: () => Promise.reject(busy) }));
    await expect(overloaded.checkStore()).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 7 });
    const inUse = connect(await serve({ checkStore: () => Promise.reject(new KeyInUse('in use')) }));
    await expect(inUse.checkStore()).rejects.toBeInstanceOf(KeyInUse);
  });

  test('an operation whose database is away fails as unavailable for its caller, and one with a wrong statement does not', async () => {
    const database = await testDatabase();
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    pool.on('error', () => {});
    undo.push(async () => {
      await pool.end();
      await database.drop();
    });
    let statement = 'select pg_terminate_backend(pg_backend_pid())';
    const store = connect(await serve({ checkStore: () => pool.query(statement) }));
    await expect(store.checkStore()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 1 });
    statement = 'select 1 / 0';
    await expect(store.checkStore()).rejects.toThrow(`${CHECK} failed with INTERNAL: unforeseen`);
    const away = new pg.Pool({ connectionString: `postgres://127.0.0.1:${await freePort()}/none` });
    const other = connect(await serve({ checkStore: () => away.query('select 1') }));
    await expect(other.checkStore()).rejects.toEqual(unavailable());
  });

  test('an unforeseen error shows nothing of itself, and is logged with the request id', async () => {
    const lines: string[] = [];
    const log = createLogger('info', { write: (line: string) => void lines.push(line) });
    const failing = connect(await serve({ checkStore: () => Promise.reject(new Error('password 123')) }, log));
    const call = runInCall({ requestId: 'request-7', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }, () =>
      failing.checkStore(),
    );
    await expect(call).rejects.toThrow(`${CHECK} failed with INTERNAL: unforeseen`);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      requestId: 'request-7',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      method: CHECK,
      err: { message: 'password 123' },
    });
  });

  test('of calls that fail because a dependency is away the first is logged with its cause, and no more for a minute', async () => {
    const lines: string[] = [];
    const log = createLogger('info', { write: (line: string) => void lines.push(line) });
    const checkStore = () => Promise.reject(new Unavailable('DEPENDENCY_UNAVAILABLE', 'PostgreSQL is away'));
    const failing = connect(await serve({ checkStore }, log));
    for (let time = 0; time < 3; time++) await expect(failing.checkStore()).rejects.toThrow();
    const logged = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a call failed');
    expect(logged).toMatchObject([{ method: CHECK, err: { message: expect.stringContaining('PostgreSQL is away') } }]);
  });

  test('a call that is not answered before its deadline is unknown, and its service had less time', async () => {
    let left = 0;
    const silent = connect(
      await serve({
        checkStore() {
          left = (currentCall()?.deadlineMs ?? 0) - Date.now();
          return new Promise(() => {});
        },
      }),
    );
    await silent.ping(2_000);
    const within = { requestId: 'r', deadlineMs: Date.now() + 1_000 };
    await expect(runInCall(within, () => silent.checkStore())).rejects.toEqual(unavailable());
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(750);
  });

  test('a call to a service that is away fails at once as unavailable, and works when it is back', async () => {
    const first = await startProcess(0);
    const store = connect(`127.0.0.1:${first.port}`);
    await expect(store.checkStore()).resolves.toMatchObject({ outcome: { $case: 'standing' } });
    await first.end('SIGKILL');
    await expect(store.checkStore()).rejects.toEqual(unavailable());
    await startProcess(first.port);
    await store.ping(5_000);
    await expect(store.checkStore()).resolves.toMatchObject({ outcome: { $case: 'standing' } });
  });

  test('a command that is sent again waits for itself when the first one has not ended', async () => {
    const first = Promise.withResolvers<void>();
    let calls = 0;
    const answer = { outcome: { $case: 'refusal', value: { code: 'FORBIDDEN', details: {} } } };
    const address = await serve({
      async deleteStore() {
        calls += 1;
        if (calls > 3) return answer;
        if (calls > 1) throw new KeyInUse('in use');
        first.resolve();
        return new Promise(() => {});
      },
    });
    const link = await cuttableProxy(Number(address.split(':')[1]));
    undo.push(link.close);
    const store = connect(`127.0.0.1:${link.port}`);
    const commandKey = { scope: 's', key: 'k', requestHash: new Uint8Array(32) };
    const deleted = store.api['deleteStore']?.({ storeId: 1n, commandKey });
    await first.promise;
    link.cut();
    await expect(deleted).resolves.toMatchObject(answer);
    expect(calls).toBe(4);
  });

  test('a call to a frozen process is unavailable before its deadline, and works when the process goes on', async () => {
    const frozen = await startProcess(0);
    const store = connect(`127.0.0.1:${frozen.port}`);
    await store.checkStore();
    frozen.child.kill('SIGSTOP');
    const fromMs = performance.now();
    await expect(store.checkStore()).rejects.toEqual(unavailable());
    expect(performance.now() - fromMs).toBeLessThan(9_000);
    frozen.child.kill('SIGCONT');
    await expect
      .poll(() => store.checkStore()?.catch(() => undefined), { timeout: 60_000 })
      .toMatchObject({
        outcome: { $case: 'standing' },
      });
  });

  test('a message above the bound is refused on either side', async () => {
    const large = { outcome: { $case: 'refusal', value: { code: 'x'.repeat(MESSAGE_BYTES_MAX), details: {} } } };
    const store = connect(await serve({ checkStore: async () => large }));
    await expect(store.checkStore()).rejects.toThrow('RESOURCE_EXHAUSTED');
    const commandKey = { scope: 'x'.repeat(MESSAGE_BYTES_MAX), key: 'k', requestHash: new Uint8Array() };
    await expect(store.api['deleteStore']?.({ storeId: 1n, commandKey })).rejects.toThrow('RESOURCE_EXHAUSTED');
  });
});
