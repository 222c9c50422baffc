import type { Notifier } from '../../../../platform/kernel/notifier.ts';
import type { Attempt } from '../../domain/attempt.ts';
import type { LeasedEndpoint, SendRequest, WaitingDelivery } from './ports.ts';

/** A stop waits so long for requests. What has no response then is sent again. */
const STOP_MS = 3_000;

export interface RequestStarter {
  /** Starts requests while there is room and something to send. */
  start(): void;
  /** The number of requests without a response. */
  inFlight(): number;
  /** Waits for the requests on their way, for a while. */
  settled(): Promise<void>;
}

export interface StarterDeps {
  /** How many requests may be on their way now. 0: none is started. */
  readonly limit: () => number;
  /** The next delivery to send. Undefined: there is none. */
  readonly take: () => WaitingDelivery | undefined;
  readonly endpoint: () => LeasedEndpoint;
  readonly send: SendRequest;
  /** With the endpoint as it was when the request began. */
  readonly onAttempt: (delivery: WaitingDelivery, attempt: Attempt, endpoint: LeasedEndpoint) => void;
  /** Aborted when the process stops. */
  readonly signal: AbortSignal;
  /** Notified after each request. */
  readonly wake: Notifier;
  /** Monotonic. */
  readonly elapsedMs: () => number;
}

/** Keeps requests to one endpoint on their way. */
export function requestStarter(deps: StarterDeps): RequestStarter {
  const { limit, take, endpoint, send, onAttempt, signal, wake, elapsedMs } = deps;
  let inFlight = 0;

  function start(): void {
    while (inFlight < limit()) {
      const delivery = take();
      if (delivery === undefined) return;
      inFlight += 1;
      const present = endpoint();
      void send(present, delivery).then((attempt) => finish(delivery, attempt, present));
    }
  }

  function finish(delivery: WaitingDelivery, attempt: Attempt, at: LeasedEndpoint): void {
    inFlight -= 1;
    // A stop ends requests, which says nothing about the receiver.
    if (!(signal.aborted && attempt.kind === 'FAILED' && attempt.status === null)) onAttempt(delivery, attempt, at);
    start();
    wake.notify();
  }

  return {
    start,
    inFlight: () => inFlight,
    async settled() {
      const untilMs = elapsedMs() + STOP_MS;
      while (inFlight > 0 && elapsedMs() < untilMs) await wake.wait(untilMs - elapsedMs());
    },
  };
}
