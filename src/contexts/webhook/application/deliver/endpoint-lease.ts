import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { DeliveryQueue, LeasedEndpoint } from './ports.ts';

/** Longer than a request and its record take. An endpoint whose process was killed is served by another one after this time. */
export const LEASE_MS = 30_000;
export const RENEW_AFTER_MS = 5_000;
/** A process that was suspended ends what it does before its lease ends. */
const LEASE_MARGIN_MS = 15_000;

export interface EndpointLease {
  /** The endpoint as it was when the lease was renewed last. */
  endpoint(): LeasedEndpoint;
  /** By the clock of this process: nothing is sent or recorded any more. */
  isLost(): boolean;
  /** Renews the lease when it is time. Returns whether it is still held. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

export interface LeaseDeps {
  readonly queue: Pick<DeliveryQueue, 'renew' | 'release'>;
  readonly clock: Clock;
  /** Monotonic. */
  readonly elapsedMs: () => number;
}

/** The lease by which this process alone sends to an endpoint, taken right now. */
export function endpointLease(leased: LeasedEndpoint, { queue, clock, elapsedMs }: LeaseDeps): EndpointLease {
  let endpoint = leased;
  let leasedAtMs = elapsedMs();
  return {
    endpoint: () => endpoint,
    isLost: () => elapsedMs() - leasedAtMs > LEASE_MS - LEASE_MARGIN_MS,
    async renew() {
      const startedAtMs = elapsedMs();
      if (startedAtMs - leasedAtMs < RENEW_AFTER_MS) return true;
      const nowMs = clock();
      const renewed = await queue.renew(endpoint, new Date(nowMs), new Date(nowMs + LEASE_MS));
      if (renewed === undefined) return false;
      endpoint = renewed;
      leasedAtMs = startedAtMs;
      return true;
    },
    release: () => queue.release(endpoint),
  };
}
