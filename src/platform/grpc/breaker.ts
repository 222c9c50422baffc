import type { ServiceError } from '@grpc/grpc-js';
import CircuitBreaker from 'opossum';
import type { Registry } from 'prom-client';
import { Unavailable } from '../kernel/refusal.ts';
import { type CallOutcome, type ClientMetrics, clientMetrics } from './client-metrics.ts';
import { failureOf, isUnanswered } from './failures.ts';
import { CALLS_IN_FLIGHT_MAX } from './limits.ts';

/** Of at least so many calls within the window … */
const CALLS_MIN = 20;
const WINDOW_MS = 10_000;
/** … more than so many have to be without a response. */
const UNANSWERED_PERCENT = 50;
/** How long no call is made then, before one probes whether the context is back. */
const OPEN_MS = 2_000;

export interface GuardOptions {
  /** The context that is called. */
  readonly context: string;
  readonly metrics: Registry;
  readonly inFlightMax?: number;
  readonly openMs?: number;
}

/** Stands before the calls of this process to one context. */
export interface CallGuard {
  /**
   * Makes the call, unless the context does not respond or has too many calls in flight.
   * @throws Unavailable DEPENDENCY_UNAVAILABLE or OVERLOADED without a call; what `call` throws
   */
  run<Response>(method: string, call: () => Promise<Response>): Promise<Response>;
  close(): void;
}

/** A guard that lets everything pass. */
export const NO_GUARD: CallGuard = { run: (_, call) => call(), close() {} };

/**
 * A circuit breaker for one context. It opens when most calls get no response: the connection was lost, or the deadline passed. What a
 * context responds never opens it: refusals, OVERLOADED, and a dependency of its own that is away, without which its other operations still
 * work. After 2 s one call probes the context, and the rest follows when that gets a response.
 *
 * It is one for all instances. A single one that fails gets few calls without it (`instances.ts`): its connection is not ready, its calls stay in
 * flight, or it rests after each failure.
 */
export function callGuard({
  context,
  metrics,
  inFlightMax = CALLS_IN_FLIGHT_MAX,
  openMs = OPEN_MS,
}: GuardOptions): CallGuard {
  const breaker = new CircuitBreaker<[() => Promise<unknown>], unknown>((call) => call(), {
    name: context,
    // A call has a deadline of its own.
    timeout: false,
    volumeThreshold: CALLS_MIN,
    rollingCountTimeout: WINDOW_MS,
    errorThresholdPercentage: UNANSWERED_PERCENT,
    resetTimeout: openMs,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    errorFilter: (error: ServiceError) => !isUnanswered(error),
  });
  let openUntilMs = 0;
  let timesOpened = 0;
  breaker.on('open', () => {
    timesOpened += 1;
    openUntilMs = performance.now() + openMs;
  });
  let inFlight = 0;
  const observed: ClientMetrics = clientMetrics(metrics);
  observed.observe(context, {
    inFlight: () => inFlight,
    circuit: () => (breaker.opened ? 2 : breaker.halfOpen ? 1 : 0),
  });

  /** A call that began before the circuit opened may end after it has closed. Then its outcome is not counted: it says nothing about the present. */
  const fire = (call: () => Promise<unknown>): Promise<unknown> => {
    const openedBefore = timesOpened;
    return new Promise((resolve, reject) => {
      const counted = () =>
        new Promise<unknown>((succeed, fail) => {
          call().then(
            (response) => (openedBefore === timesOpened ? succeed : resolve)(response),
            (error: Error) => (openedBefore === timesOpened ? fail : reject)(error),
          );
        });
      breaker.fire(counted).then(resolve, reject);
    });
  };

  const refuse = (method: string, outcome: CallOutcome, error: Unavailable): never => {
    observed.count(context, method, outcome);
    throw error;
  };
  return {
    async run<Response>(method: string, call: () => Promise<Response>) {
      // Not the limit of the breaker, for which a call too many would be one without a response, or a probe that succeeded.
      if (inFlight >= inFlightMax) {
        const message = `${inFlight} calls of ${context} are in flight`;
        return refuse(method, 'full', new Unavailable('OVERLOADED', message));
      }
      if (breaker.opened || (breaker.halfOpen && !breaker.pendingClose)) {
        const seconds = Math.max(1, Math.ceil((openUntilMs - performance.now()) / 1_000));
        const message = `${context} does not respond, and is not called for ${seconds} s`;
        return refuse(method, 'rejected', new Unavailable('DEPENDENCY_UNAVAILABLE', message, seconds));
      }
      const sinceMs = performance.now();
      inFlight += 1;
      try {
        const response = await fire(call);
        observed.count(context, method, isRefusal(response) ? 'refused' : 'ok', performance.now() - sinceMs);
        return response as Response;
      } catch (error) {
        observed.count(context, method, failureOf(error as Error), performance.now() - sinceMs);
        throw error;
      } finally {
        inFlight -= 1;
      }
    },
    close() {
      breaker.shutdown();
      observed.forget(context);
    },
  };
}

const isRefusal = (response: unknown): boolean =>
  (response as { readonly outcome?: { readonly $case?: string } }).outcome?.$case === 'refusal';
