import { type Aggregator, Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * How a call ended. Without a call: `rejected` by an open circuit, `full` by the limit of calls in flight. Without a response: `lost` with its
 * connection, `timeout`. What the context responded: `ok`, `refused`, `overloaded`, `unavailable` (a dependency of its own), `key_in_use`.
 * `failed`: an unexpected error.
 */
export type CallOutcome =
  | 'ok'
  | 'refused'
  | 'overloaded'
  | 'unavailable'
  | 'key_in_use'
  | 'lost'
  | 'timeout'
  | 'failed'
  | 'rejected'
  | 'full';

/** What is read of a context when metrics are collected. */
export interface Observed {
  readonly inFlight: () => number;
  /** 0 closed, 1 half open, 2 open. */
  readonly circuit: () => number;
}

export interface ClientMetrics {
  /** `ms`: how long the call took; absent when none was made. */
  count(context: string, method: string, outcome: CallOutcome, ms?: number): void;
  /** A message with so many calls was sent. */
  countMessage(context: string, calls: number): void;
  observe(context: string, observed: Observed): void;
  observeInstances(context: string, count: () => { readonly ready: number; readonly known: number }): void;
  forget(context: string): void;
}

/** Seconds. A batch takes 5 to 50 ms, a batcher keeps a command for at most 8 s. */
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** A message takes at most 256 calls. */
const CALLS_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const ofRegistry = new WeakMap<Registry, ClientMetrics>();

/** The metrics of calls to other processes, once for a registry. */
export function clientMetrics(registry: Registry): ClientMetrics {
  const known = ofRegistry.get(registry);
  if (known !== undefined) return known;
  const contexts = new Map<string, Observed>();
  const instances = new Map<string, () => { readonly ready: number; readonly known: number }>();
  const registers = [registry];
  const calls = new Counter({
    name: 'stampede_grpc_client_calls_total',
    help: 'Calls to contexts of other processes, by how they ended',
    labelNames: ['context', 'method', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'stampede_grpc_client_seconds',
    help: 'How long calls to contexts of other processes took, with their repeats',
    labelNames: ['context', 'method'],
    buckets: BUCKETS,
    registers,
  });
  const messageCalls = new Histogram({
    name: 'stampede_grpc_client_message_calls',
    help: 'Calls that shared a message to a context of another process',
    labelNames: ['context'],
    buckets: CALLS_BUCKETS,
    registers,
  });
  const gauge = (name: string, aggregator: Aggregator, help: string, read: (observed: Observed) => number) =>
    new Gauge({
      name,
      help,
      aggregator,
      labelNames: ['context'],
      registers,
      collect() {
        this.reset();
        for (const [context, observed] of contexts) this.set({ context }, read(observed));
      },
    });
  gauge('stampede_grpc_client_in_flight', 'sum', 'Calls in flight to a context', ({ inFlight }) => inFlight());
  gauge(
    'stampede_grpc_client_circuit',
    'max',
    'Circuit breaker of calls to a context: 0 closed, 1 half open, 2 open',
    ({ circuit }) => circuit(),
  );
  new Gauge({
    name: 'stampede_grpc_client_instances',
    help: 'Processes that host a context: all that are known, and those with a connection',
    labelNames: ['context', 'state'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const [context, count] of instances) {
        const { ready, known } = count();
        this.set({ context, state: 'known' }, known);
        this.set({ context, state: 'ready' }, ready);
      }
    },
  });
  const metrics: ClientMetrics = {
    count(context, method, outcome, ms) {
      calls.inc({ context, method, outcome });
      if (ms !== undefined) seconds.observe({ context, method }, ms / 1_000);
    },
    countMessage: (context, number) => messageCalls.observe({ context }, number),
    observe: (context, observed) => void contexts.set(context, observed),
    observeInstances: (context, count) => void instances.set(context, count),
    forget(context) {
      contexts.delete(context);
      instances.delete(context);
    },
  };
  ofRegistry.set(registry, metrics);
  return metrics;
}
