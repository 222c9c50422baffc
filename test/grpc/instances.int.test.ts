import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { type AddressSource, onlyLoopback, staticAddresses } from '../../src/platform/grpc/addresses.ts';
import type { ServiceApi } from '../../src/platform/grpc/contract.ts';
import { type DialOptions, dial } from '../../src/platform/grpc/dial.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { signPrincipal } from '../support/principals.ts';
import { STORE_CONTRACT, serveStore, startStoreProcess, TOKEN, type Undo } from '../support/store-service.ts';

const undo: Undo = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const ANSWER = { outcome: { $case: 'refusal', value: { code: 'FORBIDDEN', details: {} } } };
type Call = (request: object) => Promise<{ outcome: { value: { version: number; details: { process: string } } } }>;

function connect(addresses: AddressSource, options: Partial<DialOptions> = {}) {
  const dialled = dial(STORE_CONTRACT, { addresses, credentials: credentials.createInsecure(), ...options });
  undo.push(dialled.close);
  const api = dialled.apiFor({ token: () => TOKEN, signPrincipal }) as unknown as Record<
    'checkStore' | 'deleteStore',
    Call
  >;
  const commandKey = () => ({ scope: 'test', key: randomUUID(), requestHash: new Uint8Array(32) });
  return {
    ...dialled,
    /** A call without a key. Resolves with the id of the process that answered. */
    ask: async () => (await api.checkStore({ storeId: 1n })).outcome.value.version,
    /** A command with a key. */
    command: async () =>
      Number((await api.deleteStore({ storeId: 1n, commandKey: commandKey() })).outcome.value.details.process),
  };
}

const three = () => Promise.all([1, 2, 3].map(() => startStoreProcess(undo)));
const allReady = (store: ReturnType<typeof connect>, count: number) =>
  expect.poll(() => store.instances().ready, { timeout: 60_000 }).toBe(count);

/** A list of addresses that the test changes. */
function changingAddresses(first: readonly string[]) {
  let listener: (addresses: readonly string[]) => void = () => {};
  const source: AddressSource = {
    watch(onChange) {
      listener = onChange;
      onChange(first);
      return () => {};
    },
    refresh() {},
  };
  return { source, change: (addresses: readonly string[]) => listener(addresses) };
}

describe('the instances of a context', () => {
  test('calls go to every instance', async () => {
    const processes = await three();
    const store = connect(staticAddresses(processes.map(({ address }) => address)));
    await allReady(store, 3);
    const answered = await mapConcurrent(Array.from({ length: 90 }), 6, store.ask);
    for (const { child } of processes) expect(answered.filter((pid) => pid === child.pid).length).toBeGreaterThan(10);
  });

  test('calls do not queue at a frozen instance while others are ready', async () => {
    const [frozen, ...others] = await three();
    const store = connect(staticAddresses([frozen, ...others].map((each) => each?.address ?? '')));
    await allReady(store, 3);
    frozen?.child.kill('SIGSTOP');
    let answered = 0;
    let answeredBeforeLoss: number | undefined;
    await mapConcurrent(Array.from({ length: 400 }), 8, () =>
      store.ask().then(
        () => {
          answered += 1;
        },
        () => {
          answeredBeforeLoss ??= answered;
        },
      ),
    );
    // At most as many calls wait there as at another instance: a third of the eight. The rest goes on.
    expect(answeredBeforeLoss).toBeGreaterThanOrEqual(390);
    frozen?.child.kill('SIGCONT');
    await allReady(store, 3);
  });

  test('commands with a key go to another instance when theirs is killed, and none fails', async () => {
    const processes = await three();
    const store = connect(staticAddresses(processes.map(({ address }) => address)));
    await allReady(store, 3);
    let sent = 0;
    const answered = await mapConcurrent(Array.from({ length: 600 }), 16, async () => {
      sent += 1;
      if (sent === 200) void processes[0]?.end('SIGKILL');
      return await store.command();
    });
    expect(answered).toHaveLength(600);
    expect(new Set(answered.slice(400))).toEqual(new Set(processes.slice(1).map(({ child }) => child.pid)));
  });

  test('an instance whose connection failed takes no calls while another is ready, and some when it is back', async () => {
    const [first, second] = await Promise.all([startStoreProcess(undo), startStoreProcess(undo)]);
    const store = connect(staticAddresses([first.address, second.address]));
    await allReady(store, 2);
    await first.end('SIGKILL');
    await allReady(store, 1);
    // None of them has a key, so none would be repeated.
    expect(new Set(await mapConcurrent(Array.from({ length: 100 }), 8, store.ask))).toEqual(
      new Set([second.child.pid]),
    );
    const back = await startStoreProcess(undo, first.port);
    await allReady(store, 2);
    const answered = await mapConcurrent(Array.from({ length: 100 }), 8, store.ask);
    expect(new Set(answered)).toEqual(new Set([second.child.pid, back.child.pid]));
  });

  test('an instance that leaves the list gets no more calls, and those in flight end', async () => {
    const started = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const leaving = await serveStore(undo, {
      async checkStore() {
        started.resolve();
        await held.promise;
        return ANSWER;
      },
    });
    const staying = await startStoreProcess(undo);
    const { source, change } = changingAddresses([leaving]);
    const store = connect(source);
    const inFlight = store.ask();
    await started.promise;
    change([staying.address]);
    const answered = await mapConcurrent(Array.from({ length: 20 }), 4, store.ask);
    expect(new Set(answered)).toEqual(new Set([staying.child.pid]));
    held.resolve();
    await expect(inFlight).resolves.toBeUndefined();
    expect(store.instances().known).toBe(1);
  });

  test('an empty list leaves the last instances in use', async () => {
    const { source, change } = changingAddresses([await serveStore(undo, { checkStore: async () => ANSWER })]);
    const store = connect(source);
    await store.ask();
    change([]);
    await expect(store.ask()).resolves.toBeUndefined();
  });

  test('a call without any known instance is unavailable', async () => {
    await expect(connect(staticAddresses([])).ask()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
  });

  test('an address on another machine is not called without encryption, and is reported once', async () => {
    const here = await serveStore(undo, { checkStore: async () => ANSWER });
    const refused: string[] = [];
    const { source, change } = changingAddresses(['192.0.2.1:50051', here]);
    const store = connect(onlyLoopback(source, (address) => refused.push(address)));
    change(['192.0.2.1:50051', here]);
    expect(store.instances().known).toBe(1);
    await mapConcurrent(Array.from({ length: 10 }), 1, store.ask);
    expect(refused).toEqual(['192.0.2.1:50051']);
  });

  const failures: readonly (readonly [string, () => Promise<never>])[] = [
    ['OVERLOADED', () => Promise.reject(new Unavailable('OVERLOADED', 'full'))],
    ['a database that is away', () => Promise.reject(new Unavailable('DEPENDENCY_UNAVAILABLE', 'no database'))],
    ['an error that nobody foresaw', () => Promise.reject(new Error('a bug'))],
  ];
  const shapes = failures.flatMap(([name, fail]) =>
    [1, 2].flatMap((well) => [false, true].map((isBatched) => ({ name, fail, well, isBatched }))),
  );
  test.each(shapes)(
    'one that fails at once with $name beside $well that work fails no command with a key, and few other calls (batched: $isBatched)',
    async ({ fail, well, isBatched }) => {
      let failed = 0;
      const failing = () => {
        failed += 1;
        return fail();
      };
      const working = async () => {
        await sleep(5);
        return ANSWER;
      };
      const addresses = [
        await serveStore(undo, { checkStore: failing, deleteStore: failing }),
        ...(await Promise.all(
          Array.from({ length: well }, () => serveStore(undo, { checkStore: working, deleteStore: working })),
        )),
      ];
      const store = connect(staticAddresses(addresses), isBatched ? { batched: ['checkStore', 'deleteStore'] } : {});
      await allReady(store, well + 1);
      await mapConcurrent(Array.from({ length: 600 }), 16, store.command);
      const answers = await mapConcurrent(Array.from({ length: 600 }), 16, () =>
        store.ask().then(
          () => true,
          () => false,
        ),
      );
      expect(answers.filter((isAnswered) => !isAnswered).length).toBeLessThan(60);
      expect(failed).toBeLessThan(120);
    },
  );

  test('one with another secret fails no command with a key', async () => {
    const denied = await serveStore(undo, {}, undefined, 'another');
    const store = connect(staticAddresses([denied, await serveStore(undo, { deleteStore: async () => ANSWER })]));
    await allReady(store, 2);
    await mapConcurrent(Array.from({ length: 200 }), 8, store.command);
  });

  test('a command with a key that fails everywhere is not sent more than twice, and once when all others have failed of late', async () => {
    let calls = 0;
    const deleteStore = () => {
      calls += 1;
      return Promise.reject(new Unavailable('OVERLOADED', 'full'));
    };
    const addresses = await Promise.all([1, 2, 3].map(() => serveStore(undo, { deleteStore })));
    // Time stands still: none ends its rest.
    const store = connect(staticAddresses(addresses), { monotonic: () => 0 });
    await allReady(store, 3);
    for (const expected of [2, 3, 4, 5]) {
      await expect(store.command()).rejects.toMatchObject({ code: 'OVERLOADED' });
      expect(calls).toBe(expected);
    }
  });

  test('one that failed is probed by a single call after its rest, which doubles, and is back when it answers', async () => {
    let nowMs = 1_000;
    let probe: (() => Promise<typeof ANSWER>) | undefined;
    const calls = { first: 0, second: 0 };
    const counted = (name: keyof typeof calls, operation: () => Promise<unknown>): ServiceApi => ({
      checkStore() {
        calls[name] += 1;
        return operation();
      },
    });
    const addresses = [
      await serveStore(
        undo,
        counted('first', () => probe?.() ?? Promise.reject(new Error('a bug'))),
      ),
      await serveStore(
        undo,
        counted('second', async () => ANSWER),
      ),
    ];
    // Of two that are equal the first one is called.
    const store = connect(staticAddresses(addresses), { random: () => 0.999, monotonic: () => nowMs });
    await allReady(store, 2);
    const askTimes = async (count: number) => {
      for (let index = 0; index < count; index++) await store.ask().catch(() => {});
      return { ...calls };
    };
    expect(await askTimes(10)).toEqual({ first: 1, second: 9 });
    nowMs += 100;
    expect(await askTimes(10)).toEqual({ first: 2, second: 18 });
    nowMs += 199;
    expect(await askTimes(10)).toEqual({ first: 2, second: 28 });
    nowMs += 1;
    const gate = Promise.withResolvers<typeof ANSWER>();
    probe = () => gate.promise;
    const probing = store.ask();
    await expect.poll(() => calls.first).toBe(3);
    expect(await askTimes(10)).toEqual({ first: 3, second: 38 });
    gate.resolve(ANSWER);
    await probing;
    expect(await askTimes(10)).toEqual({ first: 13, second: 38 });
  });

  test('a command with a key that is lost goes to an instance that it has not tried', async () => {
    let losses = 0;
    const losing = new Server();
    const { deleteStore } = STORE_CONTRACT.methods;
    const path = `/${STORE_CONTRACT.fullName}/${deleteStore?.name}`;
    const same = (bytes: Buffer) => bytes;
    const coding = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    // As a proxy does whose service is away: the connection to it stays.
    losing.addService(
      { lose: { path, requestStream: false, responseStream: false, ...coding } },
      {
        lose(_: unknown, respond: (error: object) => void) {
          losses += 1;
          respond({ code: status.UNAVAILABLE, details: 'no upstream' });
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) =>
      losing.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    undo.push(() => losing.forceShutdown());
    const working = await serveStore(undo, { deleteStore: async () => ANSWER });
    let nowMs = 0;
    const store = connect(staticAddresses([`127.0.0.1:${port}`, working]), {
      random: () => 0.999,
      // Every rest is over when the next call begins.
      monotonic: () => (nowMs += 10_000),
    });
    await allReady(store, 2);
    await store.command();
    expect(losses).toBe(1);
  });
});
