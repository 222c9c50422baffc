import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { DeliveryQueue, LeasedEndpoint } from './ports.ts';

/** Longer than a request and its record take. An endpoint whose process was killed is served by another one after this time. */
export const LEASE_MS = 30_000;
const RENEW_AFTER_MS = 250;
/** No request begins later after a renewal: the endpoint may have been changed, or another process may have leased it. */
const FRESH_MS = 1_000;

export interface EndpointLease {
  /** The endpoint as it was when the lease was renewed last. */
  endpoint(): LeasedEndpoint;
  /** Whether the lease was renewed a short time ago: requests may begin. */
  isFresh(): boolean;
  /** Renews the lease when it is time. Returns false when it has ended, or the endpoint was changed. */
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
    isFresh: () => elapsedMs() - leasedAtMs < FRESH_MS,
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
