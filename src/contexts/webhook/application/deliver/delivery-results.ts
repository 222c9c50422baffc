import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { Attempt } from '../../domain/attempt.ts';
import { retryDelayMs } from '../../domain/delivery.ts';
import type { AutomaticReason } from '../../domain/endpoint.ts';
import {
  type Health,
  hasFailedTooLong,
  healthAfterFailure,
  healthAfterSuccess,
  isProbed,
} from '../../domain/health.ts';
import type { DeliveryQueue, DeliveryResult, LeasedEndpoint, WaitingDelivery } from './ports.ts';
import type { SubjectQueue } from './subject-queue.ts';

/** What has become of the deliveries of one endpoint, and what of it is not recorded yet. */
export interface DeliveryResults {
  /** How the endpoint has responded, with what is not recorded. */
  health(): Health;
  isDisabled(): boolean;
  /** Nothing is to be recorded of deliveries. */
  isEmpty(): boolean;
  /** Takes up deliveries that were loaded, and returns those that may be sent. They are held until their results are recorded. */
  hold(loaded: readonly WaitingDelivery[]): readonly WaitingDelivery[];
  heldIds(): readonly bigint[];
  /** @param isEarlier the request began before an administrator asked for one at once: its failure says nothing about that one, and begins no pause */
  add(delivery: WaitingDelivery, attempt: Attempt, isEarlier: boolean): void;
  /** Returns false when the lease has ended. */
  record(endpoint: LeasedEndpoint): Promise<boolean>;
}

export interface ResultsDeps {
  readonly queue: Pick<DeliveryQueue, 'record'>;
  readonly clock: Clock;
  readonly onDisabled: (endpointId: bigint, reason: AutomaticReason) => void;
  /** The deliveries that wait in memory: those of a subject follow each other there. */
  readonly waiting: SubjectQueue;
}

/** @param recorded how the endpoint has responded, as it is recorded */
export function deliveryResults(recorded: Health, { queue, clock, onDisabled, waiting }: ResultsDeps): DeliveryResults {
  /** All that were loaded and are not recorded. */
  const held = new Set<bigint>();
  const results: DeliveryResult[] = [];
  /** Subjects with a failure that is not recorded. Until then nothing of them is added to the queue: the database does not know that it has to wait. */
  const failedSubjects = new Set<string>();
  /** Those that followed a failed delivery in the queue, held for the same time. */
  const heldBack: WaitingDelivery[] = [];
  let health = recorded;
  let recordedHealth = recorded;
  /** A failing endpoint has responded, which is not recorded. It may have failed again since. */
  let isRecovered = false;
  let disabled: AutomaticReason | undefined;

  function addFailure(
    delivery: WaitingDelivery,
    attempt: Exclude<Attempt, { kind: 'DELIVERED' }>,
    isEarlier: boolean,
  ): void {
    const { id } = delivery;
    const lastStatus = attempt.status;
    const nowMs = clock();
    failedSubjects.add(delivery.subject);
    heldBack.push(delivery, ...waiting.fail(delivery));
    if (!isEarlier) health = healthAfterFailure(health, nowMs, attempt.kind === 'FAILED' ? attempt.pauseMs : undefined);
    if (attempt.kind === 'GONE') disabled = 'GONE';
    else if (hasFailedTooLong(health, nowMs)) disabled = 'FAILING';
    const lastError = attempt.kind === 'GONE' ? 'GONE' : attempt.error;
    const delayMs = retryDelayMs(delivery.attempts + 1);
    if (delayMs === undefined) results.push({ id, status: 'FAILED', lastStatus, lastError, dueAt: null });
    else results.push({ id, status: 'PENDING', lastStatus, lastError, dueAt: new Date(nowMs + delayMs) });
  }

  return {
    health: () => health,
    isDisabled: () => disabled !== undefined,
    isEmpty: () => results.length === 0,
    hold(loaded) {
      // A delivery may have failed while the page was read.
      const sendable = loaded.filter(({ subject }) => !failedSubjects.has(subject));
      for (const { id } of sendable) held.add(id);
      return sendable;
    },
    heldIds: () => [...held],
    add(delivery, attempt, isEarlier) {
      if (attempt.kind !== 'DELIVERED') {
        addFailure(delivery, attempt, isEarlier);
        return;
      }
      results.push({ id: delivery.id, status: 'DELIVERED', lastStatus: attempt.status, lastError: null, dueAt: null });
      if (isProbed(health)) isRecovered = true;
      health = healthAfterSuccess(health, clock());
      waiting.succeed(delivery);
    },
    async record(endpoint) {
      const isChanged = health !== recordedHealth;
      if (results.length === 0 && !isChanged) return true;
      const batch = results.splice(0);
      const released = heldBack.splice(0);
      const change = {
        results: batch,
        health: isChanged ? health : undefined,
        isRecovered,
        disabled,
      };
      recordedHealth = health;
      isRecovered = false;
      if (!(await queue.record(endpoint, change, new Date(clock())))) return false;
      if (change.disabled !== undefined) onDisabled(endpoint.id, change.disabled);
      for (const { id } of batch) held.delete(id);
      for (const { id, subject } of released) {
        held.delete(id);
        failedSubjects.delete(subject);
      }
      return true;
    },
  };
}
