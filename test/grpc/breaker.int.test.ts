import { credentials, status } from '@grpc/grpc-js';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { callGuard } from '../../src/platform/grpc/breaker.ts';
import { runInCall } from '../../src/platform/grpc/call-context.ts';
import type { ServiceApi } from '../../src/platform/grpc/contract.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { serviceError } from '../../src/platform/grpc/failures.ts';
import { KeyInUse } from '../../src/platform/kernel/command-key.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { signPrincipal } from '../support/principals.ts';
import { STORE_CONTRACT, serveStore, startStoreProcess, TOKEN, type Undo } from '../support/store-service.ts';

const undo: Undo = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const ANSWER = { outcome: { $case: 'refusal', value: { code: 'FORBIDDEN', details: {} } } };
/** Enough calls to open a circuit. */
const MANY = 30;

interface Options {
  readonly inFlightMax?: number;
  readonly openMs?: number;
}

function connect(address: string, options: Options = {}) {
  const metrics = new Registry();
  const guard = callGuard({ context: 'store', metrics, ...options });
  const dialled = dial(STORE_CONTRACT, {
    addresses: staticAddresses([address]),
    credentials: credentials.createInsecure(),
    guard,
  });
  undo.push(dialled.close);
  const api = dialled.apiFor({ token: () => TOKEN, signPrincipal }) as Readonly<
    Record<string, (request: object) => Promise<unknown>>
  >;
  const ask = () => api['checkStore']?.({ storeId: 1n });
  return {
    ...dialled,
    ask,
    /** A call that is given up after half a second. */
    askBriefly: () => runInCall({ requestId: 'r', deadlineMs: Date.now() + 750 }, () => ask()),
    /** 0 closed, 1 half open, 2 open. */
    circuit: () => metricOf(metrics, 'stampede_grpc_client_circuit', { context: 'store' }),
    calls: (outcome: string) =>
      metricOf(metrics, 'stampede_grpc_client_calls_total', { method: 'CheckStore', outcome }),
  };
}

async function metricOf(metrics: Registry, name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const { values = [] } = (await metrics.getSingleMetric(name)?.get()) ?? {};
  const found = values.filter((value) =>
    Object.entries(labels).every(([label, text]) => value.labels[label as never] === text),
  );
  return found.reduce((sum, { value }) => sum + value, 0);
}

const repeat = (count: number, call: () => Promise<unknown> | undefined) =>
  Promise.allSettled(Array.from({ length: count }, call));

describe('the circuit breaker of a context', () => {
  const responses: readonly (readonly [string, ServiceApi[string], string])[] = [
    ['a refusal', async () => ANSWER, 'refused'],
    ['OVERLOADED', () => Promise.reject(new Unavailable('OVERLOADED', 'full')), 'overloaded'],
    [
      'a dependency of the context that is away',
      () => Promise.reject(new Unavailable('DEPENDENCY_UNAVAILABLE', 'no database')),
      'unavailable',
    ],
    ['a key in use', () => Promise.reject(new KeyInUse('in use')), 'key_in_use'],
    ['an error that nobody foresaw', () => Promise.reject(new Error('a bug')), 'failed'],
  ];
  test.each(responses)('it is not opened by %s', async (_, checkStore, outcome) => {
    const store = connect(await serveStore(undo, { checkStore }));
    await repeat(100, store.ask);
    expect([await store.circuit(), await store.calls(outcome)]).toEqual([0, 100]);
  });

  test('it opens when a context does not respond, then fails calls at once, and closes when the context is back', async () => {
    const first = await startStoreProcess(undo);
    const store = connect(first.address);
    await store.ask();
    await first.end('SIGKILL');
    await repeat(MANY, store.ask);
    expect(await store.circuit()).toBe(2);
    const lost = await store.calls('lost');
    await expect(store.ask()).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds >= 1 && seconds <= 2),
      message: expect.stringContaining('store does not respond'),
    });
    expect([await store.calls('rejected'), await store.calls('lost')]).toEqual([1, lost]);
    await startStoreProcess(undo, first.port);
    await expect.poll(() => store.ask()?.catch(() => undefined), { timeout: 60_000 }).toBeDefined();
    expect(await store.circuit()).toBe(0);
  });

  test('it opens when calls pass their deadlines, and a single call probes the context after that', async () => {
    const arrived: (() => void)[] = [];
    const address = await serveStore(undo, {
      checkStore: () => new Promise((resolve) => arrived.push(() => resolve(ANSWER))),
    });
    const store = connect(address, { openMs: 300 });
    await repeat(MANY, store.askBriefly);
    expect([await store.circuit(), arrived.length]).toEqual([2, MANY]);
    await expect.poll(store.circuit).toBe(1);
    const probes = Array.from({ length: 10 }, () => store.ask()?.catch((error: Error) => error.message));
    await expect.poll(() => arrived.length).toBe(MANY + 1);
    expect(await store.calls('rejected')).toBe(9);
    arrived.at(-1)?.();
    expect((await Promise.all(probes)).filter((answer) => typeof answer !== 'string')).toHaveLength(1);
    expect(await store.circuit()).toBe(0);
  });

  test('a probe without a response opens it again', async () => {
    const address = await serveStore(undo, { checkStore: () => new Promise(() => {}) });
    const store = connect(address, { openMs: 300 });
    await repeat(MANY, store.askBriefly);
    await expect.poll(store.circuit).toBe(1);
    await repeat(1, store.askBriefly);
    expect(await store.circuit()).toBe(2);
  });

  test('calls that began before it opened count neither while it probes nor after it has closed', async () => {
    const metrics = new Registry();
    const guard = callGuard({ context: 'store', metrics, openMs: 300 });
    undo.push(guard.close);
    const circuit = () => metricOf(metrics, 'stampede_grpc_client_circuit', { context: 'store' });
    const lost = serviceError(status.DEADLINE_EXCEEDED, 'no outcome in time');
    const answered = Promise.withResolvers<object>();
    const late = Promise.withResolvers<object>();
    const former = [answered, late].map(({ promise }) => repeat(MANY, () => guard.run('CheckStore', () => promise)));
    await repeat(3 * MANY, () => guard.run('CheckStore', () => Promise.reject(lost)));
    await expect.poll(circuit).toBe(1);
    answered.resolve(ANSWER);
    await former[0];
    expect(await circuit()).toBe(1);
    await guard.run('CheckStore', async () => ANSWER);
    expect(await circuit()).toBe(0);
    late.reject(lost);
    expect(await former[1]).toEqual(Array(MANY).fill({ status: 'rejected', reason: lost }));
    expect(await circuit()).toBe(0);
  });

  test('a request whose time is spent makes no call, and opens nothing', async () => {
    let calls = 0;
    const store = connect(
      await serveStore(undo, {
        async checkStore() {
          calls += 1;
          return ANSWER;
        },
      }),
    );
    await store.ask();
    const outcomes = await repeat(100, () =>
      runInCall({ requestId: 'r', deadlineMs: Date.now() + 200 }, () => store.ask()),
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'DEPENDENCY_UNAVAILABLE' } });
    await store.ask();
    expect([calls, await store.calls('timeout'), await store.circuit()]).toEqual([2, 0, 0]);
  });

  test('a call above the limit of calls in flight is OVERLOADED, opens nothing, and leaves room for other contexts', async () => {
    const arrived: (() => void)[] = [];
    const full = connect(
      await serveStore(undo, { checkStore: () => new Promise((resolve) => arrived.push(() => resolve(ANSWER))) }),
      { inFlightMax: 50 },
    );
    const other = connect(await serveStore(undo, { checkStore: async () => ANSWER }));
    const waiting = repeat(50, full.ask);
    await expect.poll(() => arrived.length).toBe(50);
    const refused = await repeat(100, full.ask);
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 'OVERLOADED' } });
    expect([await full.circuit(), await full.calls('full'), arrived.length]).toEqual([0, 100, 50]);
    expect(await repeat(200, other.ask)).toEqual(Array(200).fill(expect.objectContaining({ status: 'fulfilled' })));
    for (const answer of arrived) answer();
    await waiting;
    const next = full.ask();
    await expect.poll(() => arrived.length).toBe(51);
    arrived.at(-1)?.();
    await next;
  });

  test('a frozen context costs calls of others nothing', async () => {
    const frozen = await startStoreProcess(undo);
    const away = connect(frozen.address);
    const other = connect((await startStoreProcess(undo)).address);
    await Promise.all([away.ask(), other.ask()]);
    frozen.child.kill('SIGSTOP');
    const waiting = repeat(500, away.ask);
    expect(await repeat(500, other.ask)).toEqual(Array(500).fill(expect.objectContaining({ status: 'fulfilled' })));
    expect(await away.calls('lost')).toBe(0);
    await waiting;
    expect(await away.circuit()).toBe(2);
    frozen.child.kill('SIGCONT');
    await expect.poll(() => away.ask()?.catch(() => undefined), { timeout: 60_000 }).toBeDefined();
  });
});
