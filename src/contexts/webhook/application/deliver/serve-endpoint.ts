import type { Clock } from '../../../../platform/kernel/clock.ts';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import type { Attempt } from '../../domain/attempt.ts';
import type { DisabledReason } from '../../domain/endpoint.ts';
import { isPaused, isProbed } from '../../domain/health.ts';
import { deliveryResults } from './delivery-results.ts';
import { endpointLease } from './endpoint-lease.ts';
import type { DeliveryQueue, LeasedEndpoint, SendRequest, WaitingDelivery } from './ports.ts';
import { requestStarter } from './request-starter.ts';
import { subjectQueue } from './subject-queue.ts';

/** Requests to one endpoint at the same time. */
const CONCURRENCY = 32;
const PAGE = 512;
/** Loads more while fewer wait in memory. */
const LOW = PAGE / 2;
/** Results are recorded together: each record is a transaction. */
const COLLECT_MS = 10;
/** Where the last page was not full, new deliveries are looked for no sooner. */
const LOOK_AGAIN_MS = 50;
const IDLE_MS = 1_000;

export interface ServeDeps {
  readonly queue: DeliveryQueue;
  readonly send: SendRequest;
  readonly clock: Clock;
  /** Monotonic. */
  readonly elapsedMs: () => number;
  readonly onAttempt: (attempt: Attempt) => void;
  readonly onDisabled: (endpointId: bigint, reason: DisabledReason) => void;
  /** Calls `listener` when there may be new deliveries. Returns how to stop. */
  readonly listen: (listener: () => void) => () => void;
}

/**
 * Sends what is due for an endpoint that this process has leased, until nothing is, it pauses, or the lease ends. A delivery whose subject has an earlier one
 * on its way waits for it; one that fails keeps all later ones of its subject back. What was sent and not recorded, because a process was killed, is sent
 * again by the next one. Returns whether anything was due.
 */
export async function serveEndpoint(leased: LeasedEndpoint, deps: ServeDeps, signal: AbortSignal): Promise<boolean> {
  const { queue, send, clock, elapsedMs, onDisabled } = deps;
  const wake = createNotifier();
  const waiting = subjectQueue();
  const lease = endpointLease(leased, deps);
  const results = deliveryResults(leased.health, { queue, clock, onDisabled, waiting });
  const isFailing = (): boolean => isProbed(results.health()) || isPaused(results.health(), clock());
  /** The number of wakes that `results` knows of. */
  let wakes = leased.wakes;
  /** An administrator has asked for a request at once of an endpoint that fails: what is on its way ends, and the endpoint is leased again, for a probe. */
  const isWoken = (): boolean => wakes !== lease.endpoint().wakes;
  const isHalted = (): boolean =>
    signal.aborted || isWoken() || results.isDisabled() || isPaused(results.health(), clock());
  const requests = requestStarter({
    limit: () => (isHalted() || !lease.isFresh() ? 0 : isProbed(results.health()) ? 1 : CONCURRENCY),
    take: waiting.take,
    endpoint: lease.endpoint,
    send,
    onAttempt(delivery, attempt, endpoint) {
      deps.onAttempt(attempt);
      results.add(delivery, attempt, endpoint.wakes !== lease.endpoint().wakes);
    },
    ...{ signal, wake, elapsedMs },
  });
  let cursor = 0n;
  let looksAgainAtMs = 0;
  let hasFound = false;
  const stopListening = deps.listen(() => wake.notify());

  const hasRoom = (): boolean =>
    isProbed(results.health()) ? waiting.size() === 0 && requests.inFlight() === 0 : waiting.size() < LOW;

  async function loadProbe(): Promise<void> {
    const found = await queue.probe(leased.id, new Date(clock()), results.heldIds());
    cursor = 0n;
    looksAgainAtMs = elapsedMs() + LOOK_AGAIN_MS;
    add(found);
  }

  function add(found: readonly WaitingDelivery[]): void {
    hasFound ||= found.length > 0;
    waiting.add(results.hold(found));
  }

  async function loadPage(): Promise<void> {
    const page = { after: cursor, held: results.heldIds(), limit: PAGE };
    const found = await queue.due(leased.id, new Date(clock()), page);
    const last = found.at(-1);
    const isFull = found.length === PAGE && last !== undefined;
    // From the beginning again: what was put off may be due.
    cursor = isFull ? last.id : 0n;
    looksAgainAtMs = isFull ? 0 : elapsedMs() + LOOK_AGAIN_MS;
    add(found);
  }

  async function loadIfDue(): Promise<void> {
    if (isHalted() || !hasRoom() || elapsedMs() < looksAgainAtMs) return;
    await (isProbed(results.health()) ? loadProbe() : loadPage());
  }

  async function work(): Promise<void> {
    for (;;) {
      await loadIfDue();
      // Last before requests begin, so that a change of the endpoint holds for them.
      if (!(await lease.renew())) return;
      if (!isFailing()) wakes = lease.endpoint().wakes;
      requests.start();
      const isIdle = requests.inFlight() === 0 && (isHalted() || waiting.size() === 0);
      if (!isIdle) {
        await wake.wait(IDLE_MS);
        if (signal.aborted) await requests.settled();
        else await pause(COLLECT_MS);
      }
      const hadResults = !results.isEmpty();
      if (!(await results.record({ ...lease.endpoint(), wakes }))) return;
      // After a record there may be followers that were held back.
      if (hadResults && waiting.size() === 0) looksAgainAtMs = 0;
      const isDone = requests.inFlight() === 0 && results.isEmpty();
      if (signal.aborted || (isDone && (isHalted() || (isIdle && !hadResults)))) return;
    }
  }

  try {
    await work();
    return hasFound;
  } finally {
    waiting.clear();
    stopListening();
    await lease.release();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
