import { randomBytes } from 'node:crypto';
import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import { BATCH_MAX } from '../../platform/batching/batcher.ts';
import { batcherMetrics } from '../../platform/batching/batcher-observer.ts';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import type { Topics } from '../../platform/events/topic.ts';
import { momentSource } from '../../platform/kernel/moment.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import type { SharedFacts } from '../../platform/redis/facts/shared-facts.ts';
import type { StoreChecks } from '../store/api.ts';
import { couponAudits } from './adapters/postgres/audits/audits.ts';
import { postgresClaimedCodes } from './adapters/postgres/directory/claimed-codes.ts';
import { postgresNameClaims } from './adapters/postgres/directory/name-claims.ts';
import { postgresPlaceReader } from './adapters/postgres/directory/place-reader.ts';
import type { PAYMENTS_CONSUMER } from './adapters/postgres/lifecycle/lifecycle-reads.ts';
import { COUPON_REFUSALS, type CouponService, type DirectoryService } from './api.ts';
import { type CodeClaims, NO_CLAIMS } from './application/codes/ports.ts';
import { directory } from './application/directory/directory.ts';
import type { FactFeed } from './application/issue/fact-feed.ts';
import type { TRIGGERS_CONSUMER } from './application/issue/on-trigger.ts';
import { PAYMENT_TOPICS } from './application/lifecycle/on-payment.ts';
import { CLOSING_TOPICS, type CLOSINGS_CONSUMER } from './application/policy/on-store-closed.ts';
import { triggersOf } from './application/policy/trigger.ts';
import { createCouponJobs } from './coupon-jobs.ts';
import { couponReads } from './coupon-reads.ts';
import { COUPON_EVENTS } from './events.ts';
import { createIssuing } from './issuing.ts';
import { createLifecycle } from './lifecycle.ts';
import { createPolicies } from './policies.ts';

/** The contexts that this one calls. */
export interface CouponParts {
  readonly store: StoreChecks;
}

export interface CouponOptions {
  /** The largest number of commands in a batch; 1 disables batching, to measure its effect. */
  readonly batchMax?: number;
  /** False disables the limit of one request a second per user, for requests that the refusal cache cannot refuse. */
  readonly rateLimit?: boolean;
  /**
   * Make the codes by which coupons are used at the counter; the first one makes new codes. Default: codes that this process alone can read.
   */
  readonly redemptionSecrets?: readonly string[];
  /** How long a reservation lasts. Default 10. */
  readonly reservationMinutes?: number;
  /** Facts that nodes share. Undefined: they share none. */
  readonly sharedFacts?: SharedFacts | undefined;
  /** Absent: the codes of this database are all that there are, or all others are claimed in it. */
  readonly codeClaims?: CodeClaims | undefined;
  /** How many shards the context has, of all eras. Default 1. */
  readonly couponShards?: number;
  /** All topics: those about a user may trigger EVENT policies. */
  readonly topics?: Topics;
  /** Called after a commit that wrote events, so that the relay need not wait for its next poll. */
  readonly onEvents?: () => void;
}

export interface CouponModule extends ContextModule<CouponService> {
  /** Returns true when an issue request for this policy is certainly refused, without a query. */
  isClosed(policyId: bigint): boolean;
  /** For gateways in other processes. */
  readonly facts: FactFeed;
  /** The names of all shards, in the database of shard 0. */
  readonly directory: DirectoryService;
}

/** The service of shard 0 for the others and for the gateway. */
export const directoryContract = async () =>
  (await import('../../gen/wire/stampede/coupon/v1/directory.ts')).DirectoryServiceDefinition;

export type { CodeClaims } from './application/codes/ports.ts';
export type { FactFeed } from './application/issue/fact-feed.ts';
export { type KnownRefusals, knownRefusals } from './application/issue/known-refusals.ts';
/** The stream of a `FactFeed` to a gateway. */
export const factContract = async () =>
  (await import('../../gen/wire/stampede/coupon/v1/facts.ts')).RefusalFactServiceDefinition;

/** Each states in app/shards/shard-bus.ts which shards handle an event. */
export type CouponConsumer = typeof PAYMENTS_CONSUMER | typeof CLOSINGS_CONSUMER | typeof TRIGGERS_CONSUMER;

export const couponContext = {
  name: 'coupon',
  schema: 'coupon',
  contract: async () => (await import('../../gen/wire/stampede/coupon/v1/coupon.ts')).CouponServiceDefinition,
  refusals: COUPON_REFUSALS,
  publishes: COUPON_EVENTS,
  alsoPublishes: [AUDIT_TOPIC],
  // Every topic about a user may trigger a policy.
  consumes: (topics) => [...new Set([...triggersOf(topics).keys(), ...PAYMENT_TOPICS, ...CLOSING_TOPICS])],
  audits: couponAudits,
  create: (kit, apis) => createCoupon(kit, apis, kit),
} as const satisfies Context<ContextDeps & CouponOptions, CouponParts, CouponModule>;

export function createCoupon(
  deps: ContextDeps<CouponConsumer>,
  { store: stores }: CouponParts,
  options: CouponOptions = {},
): CouponModule {
  const { batchMax = BATCH_MAX, rateLimit = true, reservationMinutes = 10, topics = {}, onEvents = () => {} } = options;
  const { couponShards = 1, sharedFacts, codeClaims = NO_CLAIMS } = options;
  const { redemptionSecrets = [randomBytes(32).toString('base64url')] } = options;
  const { database, clock } = deps;
  const batching = { classify: classifyFailure, observer: batcherMetrics(deps.metrics) };
  const monotonic = () => performance.now();
  const now = momentSource(clock, monotonic);
  const issuing = createIssuing({ ...deps, monotonic, batching, batchMax, rateLimit, sharedFacts, onEvents });
  const { issue, refusalCache, resultLookup, facts } = issuing;
  const policies = createPolicies({ ...deps, monotonic, batching, stores, issuing, codeClaims, topics, onEvents });
  const limits = { batchMax, couponShards, reservationMinutes };
  const lifecycle = createLifecycle({ ...deps, batching, stores, issuing, ...limits, redemptionSecrets, onEvents });
  const jobs = createCouponJobs({ ...deps, stores, issuing, policies, lifecycle: lifecycle.batcher, onEvents });
  return {
    api: {
      issueCoupon: issue.issueCoupon,
      ...policies.api,
      ...lifecycle.api,
      ...jobs.api,
      ...couponReads({ database, clock, stores, policies }),
    },
    facts,
    directory: directory(postgresClaimedCodes(database), postgresNameClaims(database), postgresPlaceReader(database)),
    isClosed: (policyId) => refusalCache.isClosed(policyId, now()),
    jobs: [policies.scheduled, ...lifecycle.scheduled, ...jobs.scheduled],
    async stop() {
      // First, because steps of jobs use the lifecycle.
      await jobs.stop();
      await Promise.all([policies.codes.stop(), issue.stop(), lifecycle.batcher.stop(), resultLookup.stop()]);
    },
  };
}
