import type { BatcherDeps } from '../../platform/batching/batcher.ts';
import type { ContextDeps } from '../../platform/context.ts';
import type { Monotonic } from '../../platform/kernel/moment.ts';
import type { SharedFacts } from '../../platform/redis/facts/shared-facts.ts';
import { outageLog } from '../../platform/telemetry/outage-log.ts';
import { postgresFactReader } from './adapters/postgres/issue/fact-reader.ts';
import { postgresHolders, postgresIssueStore } from './adapters/postgres/issue/issue-store.ts';
import { postgresStoredResults } from './adapters/postgres/stored-results.ts';
import { redisIssueGate } from './adapters/redis/issue-gate.ts';
import { factFeed } from './application/issue/fact-feed.ts';
import { couponIssuer } from './application/issue/issue-coupon.ts';
import { issueEvents } from './application/issue/issue-events.ts';
import { createRefusalCache, type RefusalCache } from './application/issue/refusal-cache.ts';
import { createResultLookup } from './application/issue/result-lookup.ts';

interface IssuingDeps extends ContextDeps {
  readonly monotonic: Monotonic;
  readonly batching: BatcherDeps;
  readonly batchMax: number;
  readonly rateLimit: boolean;
  readonly sharedFacts: SharedFacts | undefined;
  readonly onEvents: () => void;
}

/** Issuing: its batchers, what refuses before PostgreSQL, and what gateways in other processes get of it. */
export type Issuing = ReturnType<typeof createIssuing>;

export function createIssuing({
  database,
  clock,
  monotonic,
  nextId,
  log,
  batching,
  batchMax,
  rateLimit,
  sharedFacts,
  onEvents,
}: IssuingDeps) {
  const cache = createRefusalCache();
  const gate = sharedFacts && redisIssueGate(sharedFacts);
  // What this process caches because it changed is sent to the gateways that watch it.
  const refusalCache: RefusalCache = {
    ...cache,
    recordAllHolders(policy, first, readAtMs) {
      cache.recordAllHolders(policy, first, readAtMs);
      facts.changed(policy.id);
    },
    invalidate(policyId) {
      cache.invalidate(policyId);
      facts.changed(policyId);
      void gate?.forget(policyId);
    },
  };
  const resultLookup = createResultLookup(postgresStoredResults(database), batching);
  const issue = couponIssuer({
    ...batching,
    storeFor: (batcher, concurrency) =>
      postgresIssueStore(
        { database: database.forBatcher(batcher, concurrency), nextId, eventsOf: issueEvents, onEvents },
        { optimistic: batcher === 'coupon.issue' },
      ),
    refusalCache,
    gate,
    resultLookup,
    clock,
    monotonic,
    nextId,
    batchMax,
    limited: rateLimit,
    onError: outageLog({ log, level: 'error', message: 'the holders of a closed policy were not loaded' }).failed,
  });
  const facts = factFeed({
    reader: { ...postgresFactReader(database), holders: postgresHolders(database) },
    clock,
    onError: outageLog({ log, message: 'the facts for gateways were not read' }).failed,
  });
  return { issue, refusalCache, resultLookup, facts };
}
