import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { Monotonic } from '../../../../platform/kernel/moment.ts';
import type { IssueStore } from './ports.ts';
import { HOLDERS_MAX, type RefusalCache } from './refusal-cache.ts';

export interface HolderLoaderDeps {
  readonly store: Pick<IssueStore, 'holders'>;
  readonly refusalCache: Pick<RefusalCache, 'needsHolders' | 'recordAllHolders'>;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  /** Called with failed reads. The next batch of the policy tries again. */
  readonly onError: (error: unknown) => void;
}

/** Reads the holders of a closed policy into the cache, so that repeats of successful users are refused with their coupon's id. */
export interface HolderLoader {
  load(policyId: bigint): void;
  /** Resolves when no read is running. */
  stop(): Promise<void>;
}

export function holderLoader({ store, refusalCache, clock, monotonic, onError }: HolderLoaderDeps): HolderLoader {
  const loading = new Map<bigint, Promise<void>>();
  return {
    load(policyId) {
      if (loading.has(policyId) || !refusalCache.needsHolders(policyId, clock())) return;
      const readAtMs = monotonic();
      const load = store
        .holders(policyId, HOLDERS_MAX)
        .then((all) => all && refusalCache.recordAllHolders(all.policy, all.first, readAtMs))
        .then(() => undefined, onError)
        .finally(() => loading.delete(policyId));
      loading.set(policyId, load);
    },
    async stop() {
      await Promise.all(loading.values());
    },
  };
}
