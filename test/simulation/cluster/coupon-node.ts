import type { Logger } from 'pino';
import { postgresFactReader } from '../../../src/contexts/coupon/adapters/postgres/issue/fact-reader.ts';
import {
  postgresHolders,
  postgresIssueStore,
} from '../../../src/contexts/coupon/adapters/postgres/issue/issue-store.ts';
import { postgresDueReader } from '../../../src/contexts/coupon/adapters/postgres/lifecycle/due-reader.ts';
import { postgresLifecycleStore } from '../../../src/contexts/coupon/adapters/postgres/lifecycle/lifecycle-store.ts';
import { postgresPolicyStore } from '../../../src/contexts/coupon/adapters/postgres/policy/policy-store.ts';
import { postgresStoredResults } from '../../../src/contexts/coupon/adapters/postgres/stored-results.ts';
import { redisIssueGate } from '../../../src/contexts/coupon/adapters/redis/issue-gate.ts';
import type { CouponService, IssueCouponRequest, IssueCouponResponse } from '../../../src/contexts/coupon/api.ts';
import { type FactFeed, factFeed } from '../../../src/contexts/coupon/application/issue/fact-feed.ts';
import { couponIssuer } from '../../../src/contexts/coupon/application/issue/issue-coupon.ts';
import { issueEvents } from '../../../src/contexts/coupon/application/issue/issue-events.ts';
import { createRefusalCache, type RefusalCache } from '../../../src/contexts/coupon/application/issue/refusal-cache.ts';
import { createResultLookup } from '../../../src/contexts/coupon/application/issue/result-lookup.ts';
import { cancelCoupon } from '../../../src/contexts/coupon/application/lifecycle/cancel-coupon.ts';
import { confirmReservation } from '../../../src/contexts/coupon/application/lifecycle/confirm-reservation.ts';
import { couponLifecycle } from '../../../src/contexts/coupon/application/lifecycle/coupon-lifecycle.ts';
import { lifecycleEvents } from '../../../src/contexts/coupon/application/lifecycle/lifecycle-events.ts';
import { releaseReservation } from '../../../src/contexts/coupon/application/lifecycle/release-reservation.ts';
import { reserveCoupon } from '../../../src/contexts/coupon/application/lifecycle/reserve-coupon.ts';
import { changePolicyStatus } from '../../../src/contexts/coupon/application/policy/change-policy-status.ts';
import { policyEvents } from '../../../src/contexts/coupon/application/policy/policy-events.ts';
import { setQuantity } from '../../../src/contexts/coupon/application/policy/set-quantity.ts';
import { endReservations } from '../../../src/contexts/coupon/application/scheduled/end-reservations.ts';
import { createNotifier } from '../../../src/platform/kernel/notifier.ts';
import { classifyFailure } from '../../../src/platform/postgres/batch-transaction.ts';
import { NO_STORES } from '../../support/stores.ts';
import type { Owner } from '../kernel.ts';
import { openMachine } from '../machine.ts';
import { NO_MACHINES } from '../no-machines.ts';
import { openNodeTime } from '../node-time.ts';
import { HOLD_MS } from './checkouts.ts';
import { databaseOf } from './database.ts';
import { sharedFacts } from './redis.ts';
import { keepRelaying, type Publish } from './relaying.ts';
import type { Cluster } from './world.ts';

type Api = Pick<
  CouponService,
  | 'issueCoupon'
  | 'setQuantity'
  | 'changePolicyStatus'
  | 'cancelCoupon'
  | 'reserveCoupon'
  | 'confirmReservation'
  | 'releaseReservation'
>;

/** A process that hosts the coupon context, wired as its module does, over connections and clocks of the simulation. */
export interface CouponNode {
  readonly owner: Owner;
  readonly api: Api;
  readonly facts: FactFeed;
  /** No request is under way. */
  isIdle(): boolean;
  /** Measures the offset of its clock again, when that may be needed. */
  keepTime(): void;
  /** Runs the scheduled task that ends overdue reservations. */
  endReservations(): void;
}

/** Since when a request had been refreshing the fact that refused another one: meanwhile the fact may be older (ADR 3). */
export const refreshedSinceMs = new WeakMap<IssueCouponResponse, number>();

export function openCouponNode(cluster: Cluster, name: string, publish: Publish): CouponNode {
  const { kernel, complain, nextId, machines } = cluster;
  const owner: Owner = { name, status: 'UP' };
  const machine = machines.get(name) ?? openMachine(kernel.chance, kernel.clock);
  machines.set(name, machine);
  kernel.showClock(name, machine.wall);
  const time = openNodeTime(cluster, owner, machine);
  const database = databaseOf(cluster, owner, time);
  const clock = time.estimate;
  const outbox = createNotifier();
  const onEvents = outbox.notify;
  const onError = (error: unknown) => {
    if (classifyFailure(error) === 'poison') complain(`${name}: ${String(error)}`);
  };

  const cache = createRefusalCache();
  const gate = cluster.redis && redisIssueGate(sharedFacts);
  /** The request that refreshes the facts of a policy: when it began, by the monotonic clock of this node and by the clock of the simulation. */
  const refreshing = new Map<bigint, { readonly startedAtMs: number; readonly sinceMs: number }>();
  const refusalCache: RefusalCache = {
    ...cache,
    check(policyId, userId, issueMethod, now) {
      const outcome = cache.check(policyId, userId, issueMethod, now);
      if (outcome === 'refresh') refreshing.set(policyId, { startedAtMs: now.steadyMs, sinceMs: kernel.clock() });
      return outcome;
    },
    refreshEnded(policyId, refreshStartedAtMs) {
      cache.refreshEnded(policyId, refreshStartedAtMs);
      // A batch may have read the policy since, and another request begun to refresh it.
      if (refreshing.get(policyId)?.startedAtMs === refreshStartedAtMs) refreshing.delete(policyId);
    },
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
  const facts = factFeed({
    reader: { ...postgresFactReader(database), holders: postgresHolders(database) },
    clock,
    onError,
  });
  const batching = { classify: classifyFailure, batchMax: kernel.chance.of([2, 3, 256]) };
  const deps = (batcher: string, concurrency: number) => ({
    database: database.forBatcher(batcher, concurrency),
    nextId,
    onEvents,
  });
  const resultLookup = createResultLookup(postgresStoredResults(database), batching);
  const issuer = couponIssuer({
    ...batching,
    storeFor: (batcher, concurrency) =>
      postgresIssueStore(
        { ...deps(batcher, concurrency), eventsOf: issueEvents },
        { optimistic: batcher === 'coupon.issue' },
      ),
    refusalCache,
    gate,
    resultLookup,
    clock,
    monotonic: machine.monotonic,
    nextId,
    limited: false,
    onError,
  });
  const lifecycle = couponLifecycle({
    ...batching,
    storeFor: (batcher, concurrency) =>
      postgresLifecycleStore({ ...deps(batcher, concurrency), eventsOf: lifecycleEvents }),
    refusalCache,
    holdMs: HOLD_MS,
  });
  const operation = { lifecycle, resultLookup, clock };
  const due = endReservations({ due: postgresDueReader(database), lifecycle, now: time.read });
  const policies = postgresPolicyStore({ database, nextId, eventsOf: policyEvents, onEvents });
  const changes = { store: policies, stores: NO_STORES, refusalCache, clock };

  let inFlight = 0;
  async function issueCoupon(request: IssueCouponRequest): Promise<IssueCouponResponse> {
    inFlight += 1;
    const call = cluster.calls.begin(request.policyId, request.userId, request.commandKey?.key);
    const sinceMs = refreshing.get(request.policyId)?.sinceMs;
    try {
      const response = { ...(await issuer.issueCoupon(request)) };
      cluster.calls.end(call, response);
      if (sinceMs !== undefined) refreshedSinceMs.set(response, sinceMs);
      return response;
    } finally {
      inFlight -= 1;
    }
  }

  keepRelaying({ cluster, owner, pool: database.pool, log: loggerOf(complain), outbox, publish });
  return {
    owner,
    facts,
    api: {
      issueCoupon,
      setQuantity: setQuantity(changes),
      changePolicyStatus: changePolicyStatus(changes),
      cancelCoupon: cancelCoupon(operation, NO_STORES),
      reserveCoupon: reserveCoupon(operation),
      confirmReservation: confirmReservation(operation, NO_MACHINES),
      releaseReservation: releaseReservation(operation, NO_MACHINES),
    },
    isIdle: () => inFlight === 0,
    endReservations() {
      // As a step of this process, so that its timers are its own.
      kernel.schedule(owner, kernel.clock(), () => void due.run(new AbortController().signal).catch(onError));
    },
    keepTime() {
      if (time.isSuspect() || kernel.chance.happens(0.1)) void time.measure();
    },
  };
}

/** What is logged as an error must not happen. */
const loggerOf = (complain: (problem: string) => void) =>
  ({
    debug: () => {},
    warn: () => {},
    info: () => {},
    error: (facts: object, message: string) => complain(`${message}: ${JSON.stringify(facts)}`),
  }) as unknown as Logger;
