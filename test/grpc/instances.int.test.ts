import { randomUUID } from 'node:crypto';
import { credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { type AddressSource, onlyLoopback, staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { signPrincipal } from '../support/principals.ts';
import { STORE_CONTRACT, serveStore, startStoreProcess, TOKEN, type Undo } from '../support/store-service.ts';

const undo: Undo = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const ANSWER = { outcome: { $case: 'refusal', value: { code: 'FORBIDDEN', details: {} } } };
type Call = (request: object) => Promise<{ outcome: { value: { version: number; details: { process: string } } } }>;

function connect(addresses: AddressSource) {
  const dialled = dial(STORE_CONTRACT, { addresses, credentials: credentials.createInsecure() });
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
  expect.poll(() => store.instances().ready, { timeout: 10_000 }).toBe(count);

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
  }, 30_000);

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
});
