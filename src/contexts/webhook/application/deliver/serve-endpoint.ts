import type { Clock } from '../../../../platform/kernel/clock.ts';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import type { Attempt } from '../../domain/attempt.ts';
import { retryDelayMs } from '../../domain/delivery.ts';
import type { DisabledReason } from '../../domain/endpoint.ts';
import { HEALTHY, type Health, hasFailedTooLong, healthAfterFailure, isPaused, isProbed } from '../../domain/health.ts';
import type { DeliveryQueue, DeliveryResult, LeasedEndpoint, SendRequest, WaitingDelivery } from './ports.ts';
import { subjectQueue } from './subject-queue.ts';

/** Longer than a request and its record take. An endpoint whose process was killed is served by another one after this time. */
export const LEASE_MS = 30_000;
const RENEW_AFTER_MS = 5_000;
/** A process that was suspended ends what it does before its lease ends. */
const LEASE_MARGIN_MS = 15_000;
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
/** A stop waits so long for requests. What has no response then is sent again. */
const STOP_MS = 3_000;

export type Outcome = Attempt['kind'];

export interface ServeDeps {
  readonly queue: DeliveryQueue;
  readonly send: SendRequest;
  readonly clock: Clock;
  /** Monotonic. */
  readonly elapsedMs: () => number;
  readonly onAttempt: (outcome: Outcome) => void;
  readonly onDisabled: (endpointId: bigint, reason: DisabledReason) => void;
  /** Calls `listener` when there may be new deliveries. Returns how to stop. */
  readonly listen: (listener: () => void) => () => void;
}

/**
 * Sends what is due for an endpoint that this process has leased, until nothing is, it pauses, or the lease ends. A delivery whose subject has an earlier one
 * on its way waits for it; one that fails keeps all later ones of its subject back. What was sent and not recorded, because a process was killed, is sent
 * again by the next one.
 */
export async function serveEndpoint(leased: LeasedEndpoint, deps: ServeDeps, signal: AbortSignal): Promise<void> {
  const { queue, send, clock, elapsedMs } = deps;
  const wake = createNotifier();
  const waiting = subjectQueue();
  /** All that were loaded and are not recorded. */
  const held = new Set<bigint>();
  const results: DeliveryResult[] = [];
  /** Subjects with a failure that is not recorded. Until then nothing of them is added to the queue: the database does not know that it has to wait. */
  const failedSubjects = new Set<string>();
  /** Those that followed a failed delivery in the queue, held for the same time. */
  const heldBack: WaitingDelivery[] = [];
  let endpoint = leased;
  let health: Health = leased.health;
  let recordedHealth: Health = health;
  let disabled: DisabledReason | undefined;
  let inFlight = 0;
  let leasedAtMs = elapsedMs();
  let cursor = 0n;
  let looksAgainAtMs = 0;
  const stopListening = deps.listen(() => wake.notify());

  const isLost = (): boolean => elapsedMs() - leasedAtMs > LEASE_MS - LEASE_MARGIN_MS;
  const isHalted = (): boolean => signal.aborted || disabled !== undefined || isLost() || isPaused(health, clock());

  function start(): void {
    const limit = isProbed(health) ? 1 : CONCURRENCY;
    while (inFlight < limit && !isHalted()) {
      const delivery = waiting.take();
      if (delivery === undefined) return;
      inFlight += 1;
      void send(endpoint, delivery).then((attempt) => finish(delivery, attempt));
    }
  }

  function finish(delivery: WaitingDelivery, attempt: Attempt): void {
    inFlight -= 1;
    // A stop ends requests, which says nothing about the receiver.
    if (!(signal.aborted && attempt.kind === 'FAILED' && attempt.status === null)) settle(delivery, attempt);
    start();
    wake.notify();
  }

  function settle(delivery: WaitingDelivery, attempt: Attempt): void {
    deps.onAttempt(attempt.kind);
    const { id } = delivery;
    const lastStatus = attempt.status;
    if (attempt.kind === 'DELIVERED') {
      results.push({ id, status: 'DELIVERED', lastStatus, lastError: null, dueAt: null });
      if (health.failures > 0 || health.resumeAt !== null) health = HEALTHY;
      waiting.succeed(delivery);
      return;
    }
    const nowMs = clock();
    failedSubjects.add(delivery.subject);
    heldBack.push(delivery, ...waiting.fail(delivery));
    health = healthAfterFailure(health, nowMs, attempt.kind === 'FAILED' ? attempt.pauseMs : undefined);
    if (attempt.kind === 'GONE') disabled = 'GONE';
    else if (hasFailedTooLong(health, nowMs)) disabled = 'FAILING';
    const lastError = attempt.kind === 'GONE' ? 'GONE' : attempt.error;
    const delayMs = retryDelayMs(delivery.attempts + 1);
    if (delayMs === undefined) results.push({ id, status: 'FAILED', lastStatus, lastError, dueAt: null });
    else results.push({ id, status: 'PENDING', lastStatus, lastError, dueAt: new Date(nowMs + delayMs) });
  }

  /** Returns false when the lease has ended. */
  async function record(): Promise<boolean> {
    const changed = health !== recordedHealth;
    if (results.length === 0 && !changed) return true;
    const batch = results.splice(0);
    const released = heldBack.splice(0);
    const recorded = {
      results: batch,
      health: changed ? health : undefined,
      isRecovered: isProbed(recordedHealth) && health.failures === 0,
      disabled,
    };
    recordedHealth = health;
    if (!(await queue.record(endpoint, recorded, new Date(clock())))) return false;
    if (recorded.disabled !== undefined) deps.onDisabled(endpoint.id, recorded.disabled);
    for (const { id } of batch) held.delete(id);
    for (const { id, subject } of released) {
      held.delete(id);
      failedSubjects.delete(subject);
    }
    return true;
  }

  async function load(): Promise<void> {
    const page = { after: cursor, held: [...held], limit: PAGE };
    const found = await queue.due(endpoint.id, new Date(clock()), page);
    const last = found.at(-1);
    const isFull = found.length === PAGE && last !== undefined;
    // From the beginning again: what was put off may be due.
    cursor = isFull ? last.id : 0n;
    looksAgainAtMs = isFull ? 0 : elapsedMs() + LOOK_AGAIN_MS;
    // A delivery may have failed while the page was read.
    const sendable = found.filter(({ subject }) => !failedSubjects.has(subject));
    for (const { id } of sendable) held.add(id);
    waiting.add(sendable);
  }

  /** Returns whether the lease is still held. */
  async function renew(): Promise<boolean> {
    const askedAtMs = elapsedMs();
    if (askedAtMs - leasedAtMs < RENEW_AFTER_MS) return true;
    const nowMs = clock();
    const renewed = await queue.renew(endpoint, new Date(nowMs), new Date(nowMs + LEASE_MS));
    if (renewed === undefined) return false;
    endpoint = renewed;
    leasedAtMs = askedAtMs;
    return true;
  }

  async function work(): Promise<void> {
    for (;;) {
      if (isLost() || !(await renew())) return;
      if (!isHalted() && waiting.size() < LOW && elapsedMs() >= looksAgainAtMs) await load();
      start();
      const isIdle = inFlight === 0 && (isHalted() || waiting.size() === 0);
      if (!isIdle) {
        await wake.wait(Math.min(IDLE_MS, RENEW_AFTER_MS));
        if (signal.aborted) await settled();
        else await pause(COLLECT_MS);
      }
      const hadResults = results.length > 0;
      if (!(await record())) return;
      // After a record there may be followers that were held back.
      if (hadResults && waiting.size() === 0) looksAgainAtMs = 0;
      const isDone = inFlight === 0 && results.length === 0;
      if (signal.aborted || (isDone && (isHalted() || (isIdle && !hadResults)))) return;
    }
  }

  /** Waits for the requests on their way, for a while. */
  async function settled(): Promise<void> {
    const untilMs = elapsedMs() + STOP_MS;
    while (inFlight > 0 && elapsedMs() < untilMs) await wake.wait(untilMs - elapsedMs());
  }

  try {
    await work();
  } finally {
    waiting.clear();
    stopListening();
    await queue.release(endpoint);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
