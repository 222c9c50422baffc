import { randomBytes } from 'node:crypto';
import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import { BATCH_MAX } from '../../platform/batching/batcher.ts';
import { batcherMetrics } from '../../platform/batching/batcher-observer.ts';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import type { Topics } from '../../platform/events/topic.ts';
import { JOB_CONCURRENCY } from '../../platform/jobs/runner.ts';
import { MINUTE_MS } from '../../platform/kernel/durations.ts';
import { createNotifier } from '../../platform/kernel/notifier.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import type { SharedFacts } from '../../platform/redis/facts/shared-facts.ts';
import type { StoreChecks } from '../store/api.ts';
import { redemptionCodes } from './adapters/crypto/redemption-codes.ts';
import { couponAudits } from './adapters/postgres/audits/audits.ts';
import { postgresCodeReader } from './adapters/postgres/codes/code-reader.ts';
import { postgresCodeStore } from './adapters/postgres/codes/code-store.ts';
import { postgresClaimedCodes } from './adapters/postgres/directory/claimed-codes.ts';
import { postgresNameClaims } from './adapters/postgres/directory/name-claims.ts';
import { postgresPlaceReader } from './adapters/postgres/directory/place-reader.ts';
import { postgresFactReader } from './adapters/postgres/issue/fact-reader.ts';
import { postgresHolders, postgresIssueStore } from './adapters/postgres/issue/issue-store.ts';
import { postgresJobStore } from './adapters/postgres/jobs/job-store.ts';
import { postgresRowIssueStore } from './adapters/postgres/jobs/row-issue-store.ts';
import { postgresWithdrawalStore } from './adapters/postgres/jobs/withdrawal-store.ts';
import { postgresDueReader } from './adapters/postgres/lifecycle/due-reader.ts';
import { PAYMENTS_CONSUMER } from './adapters/postgres/lifecycle/lifecycle-reads.ts';
import { postgresLifecycleStore } from './adapters/postgres/lifecycle/lifecycle-store.ts';
import { postgresReservationCounts } from './adapters/postgres/lifecycle/reservation-counts.ts';
import { postgresPolicyStore } from './adapters/postgres/policy/policy-store.ts';
import { postgresPolicyWindows } from './adapters/postgres/policy/policy-windows.ts';
import { postgresStoreClosings } from './adapters/postgres/policy/store-closings.ts';
import { postgresActivityReader } from './adapters/postgres/queries/activity-reader.ts';
import { postgresCouponReader } from './adapters/postgres/queries/coupon-reader.ts';
import { postgresCouponRecords } from './adapters/postgres/queries/coupon-records.ts';
import { postgresHolderReader } from './adapters/postgres/queries/holder-reader.ts';
import { postgresOwnCoupons } from './adapters/postgres/queries/own-coupons.ts';
import { postgresPolicyCoupons } from './adapters/postgres/queries/policy-coupons.ts';
import { postgresQuoteReader } from './adapters/postgres/queries/quote-reader.ts';
import { postgresUnusedReader } from './adapters/postgres/queries/unused-reader.ts';
import { postgresStoredResults } from './adapters/postgres/stored-results.ts';
import { redisIssueGate } from './adapters/redis/issue-gate.ts';
import { COUPON_REFUSALS, type CouponService, type DirectoryService } from './api.ts';
import { codeFinder } from './application/codes/code-finder.ts';
import { generateCodes } from './application/codes/generate-codes.ts';
import { listCodes } from './application/codes/list-codes.ts';
import { type CodeClaims, NO_CLAIMS } from './application/codes/ports.ts';
import { redeemCode } from './application/codes/redeem-code.ts';
import { sharedCodes } from './application/codes/shared-codes.ts';
import { validateCode } from './application/codes/validate-code.ts';
import { getRedemptionCode } from './application/counter/get-redemption-code.ts';
import { useAtCounter } from './application/counter/use-at-counter.ts';
import { directory } from './application/directory/directory.ts';
import { directIssue } from './application/issue/direct-issue.ts';
import { type FactFeed, factFeed } from './application/issue/fact-feed.ts';
import { couponIssuer } from './application/issue/issue-coupon.ts';
import { issueEvents } from './application/issue/issue-events.ts';
import { onTrigger, TRIGGERS_CONSUMER } from './application/issue/on-trigger.ts';
import { createRefusalCache, type RefusalCache } from './application/issue/refusal-cache.ts';
import { createResultLookup } from './application/issue/result-lookup.ts';
import { directIssueRows } from './application/jobs/direct-issue-rows.ts';
import { generateCodesRows } from './application/jobs/generate-codes-rows.ts';
import { importCodesRows } from './application/jobs/import-codes-rows.ts';
import { jobService } from './application/jobs/job-service.ts';
import { withdrawCoupons } from './application/jobs/withdraw-coupons.ts';
import { withdrawCouponsRows } from './application/jobs/withdraw-coupons-rows.ts';
import { cancelCoupon } from './application/lifecycle/cancel-coupon.ts';
import { confirmReservation } from './application/lifecycle/confirm-reservation.ts';
import { countReservations, endReservationCount } from './application/lifecycle/count-reservations.ts';
import { BULK_BATCH_MAX, couponLifecycle } from './application/lifecycle/coupon-lifecycle.ts';
import { extendReservation } from './application/lifecycle/extend-reservation.ts';
import { lifecycleEvents } from './application/lifecycle/lifecycle-events.ts';
import { replayReservation, replayUse } from './application/lifecycle/lifecycle-response.ts';
import { onPayment, PAYMENT_TOPICS } from './application/lifecycle/on-payment.ts';
import { releaseReservation } from './application/lifecycle/release-reservation.ts';
import { reserveCoupon } from './application/lifecycle/reserve-coupon.ts';
import { restoreCoupon } from './application/lifecycle/restore-coupon.ts';
import { useCoupon } from './application/lifecycle/use-coupon.ts';
import { changePolicyStatus } from './application/policy/change-policy-status.ts';
import { clonePolicy } from './application/policy/clone-policy.ts';
import { createPolicy } from './application/policy/create-policy.ts';
import { CLOSING_TOPICS, CLOSINGS_CONSUMER, onStoreClosed } from './application/policy/on-store-closed.ts';
import { policyEvents, statusEvents } from './application/policy/policy-events.ts';
import type { PolicyOfEvents } from './application/policy/ports.ts';
import { getPolicy, getStock, listPolicies } from './application/policy/read-policies.ts';
import { setQuantity } from './application/policy/set-quantity.ts';
import { triggersOf } from './application/policy/trigger.ts';
import { updatePolicy } from './application/policy/update-policy.ts';
import { countActivity, countReserved, listPolicyIds } from './application/queries/count-activity.ts';
import { getCoupon } from './application/queries/get-coupon.ts';
import { getReservation } from './application/queries/get-reservation.ts';
import { getUserStatistics } from './application/queries/get-user-statistics.ts';
import { listDueCoupons, listUnusedCoupons } from './application/queries/list-due-coupons.ts';
import { listExpiringCoupons } from './application/queries/list-expiring-coupons.ts';
import { listHolders } from './application/queries/list-holders.ts';
import { listPolicyCoupons } from './application/queries/list-policy-coupons.ts';
import { isIssued, listUserCoupons } from './application/queries/read-coupons.ts';
import { quoteCoupons } from './application/quote/quote-coupons.ts';
import { endReservations } from './application/scheduled/end-reservations.ts';
import { expireCoupons } from './application/scheduled/expire-coupons.ts';
import { openAndEndPolicies } from './application/scheduled/open-and-end-policies.ts';
import type { PolicyStatus } from './domain/enumerations.ts';
import { COUPON_EVENTS } from './events.ts';

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
  const { database, bus, clock, nextId, log, metrics } = deps;
  const { batchMax = BATCH_MAX, rateLimit = true, reservationMinutes = 10, topics = {}, onEvents = () => {} } = options;
  const { couponShards = 1 } = options;
  const { codeClaims = NO_CLAIMS, redemptionSecrets = [randomBytes(32).toString('base64url')] } = options;
  const policiesChanged = createNotifier();
  const reader = postgresCouponReader(database);
  const activity = postgresActivityReader(database);
  const unused = postgresUnusedReader(database);
  const cache = createRefusalCache();
  const gate = options.sharedFacts && redisIssueGate(options.sharedFacts);
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
  const batching = { classify: classifyFailure, observer: batcherMetrics(metrics) };
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
    nextId,
    batchMax,
    limited: rateLimit,
    onError: (error) => log.error({ err: error }, 'the holders of a closed policy were not loaded'),
  });
  const facts = factFeed({
    reader: { ...postgresFactReader(database), holders: postgresHolders(database) },
    clock,
    onError: (error) => log.warn({ err: error }, 'the facts for gateways were not read'),
  });
  const codeReader = postgresCodeReader(database);
  const codes = codeFinder({ ...batching, reader: codeReader, clock });
  const store = postgresPolicyStore({
    database,
    nextId,
    eventsOf: policyEvents,
    onEvents() {
      codes.invalidate();
      onEvents();
      policiesChanged.notify();
    },
  });
  const codeStore = postgresCodeStore(database, codeReader, codeClaims, codes.invalidate);
  const jobStore = postgresJobStore(database);
  const lifecycle = couponLifecycle({
    ...batching,
    storeFor: (batcher, concurrency) =>
      postgresLifecycleStore(
        { database: database.forBatcher(batcher, concurrency), nextId, eventsOf: lifecycleEvents, onEvents },
        couponShards,
      ),
    refusalCache,
    holdMs: reservationMinutes * MINUTE_MS,
    batchMax,
  });
  const withdrawals = postgresWithdrawalStore(database);
  const jobs = jobService({
    policies: store,
    stores,
    store: jobStore,
    kinds: [
      directIssueRows(
        postgresRowIssueStore({
          database: database.forBatcher('coupon.jobs', JOB_CONCURRENCY),
          nextId,
          eventsOf: issueEvents,
          onEvents,
        }),
        clock,
        nextId,
      ),
      generateCodesRows(codeStore, randomBytes),
      importCodesRows(codeStore),
      withdrawCouponsRows(withdrawals, lifecycle),
    ],
    clock,
    now: database.readTime,
    nextId,
    classify: classifyFailure,
    onError: (error, jobId) => log.error({ err: error, jobId: jobId?.toString() }, 'a step of a job failed'),
  });
  const triggers = triggersOf(topics);
  if (triggers.size > 0) bus.subscribe(TRIGGERS_CONSUMER, [...triggers.keys()], onTrigger(store, issue));
  const shared = sharedCodes(codeClaims);
  const creation = { policies: store, sharedCodes: shared, stores, resultLookup, clock, nextId, triggers };
  const records = postgresCouponRecords(database);
  const changes = { store, stores, refusalCache, clock };
  const transitions = {
    database,
    nextId,
    eventsOf: (policy: PolicyOfEvents, status: PolicyStatus) => statusEvents(policy, [status]),
    onEvents,
  };
  bus.subscribe(CLOSINGS_CONSUMER, CLOSING_TOPICS, onStoreClosed(postgresStoreClosings(transitions), refusalCache));
  const operation = { lifecycle, resultLookup, clock };
  const reservationCounts = postgresReservationCounts(database);
  const redemption = redemptionCodes(redemptionSecrets);
  const dueDeps = { due: postgresDueReader(database), lifecycle, now: database.readTime };
  bus.subscribe(PAYMENTS_CONSUMER, PAYMENT_TOPICS, onPayment(lifecycle), BULK_BATCH_MAX);
  return {
    api: {
      ...jobs.api,
      issueCoupon: issue.issueCoupon,
      createPolicy: createPolicy(creation),
      clonePolicy: clonePolicy(creation),
      getCoupon: getCoupon(records, stores, clock),
      getReservation: getReservation(reader, records, clock),
      listHolders: listHolders(postgresHolderReader(database)),
      listPolicyCoupons: listPolicyCoupons(
        { policies: store, stores },
        postgresPolicyCoupons(database),
        withdrawals,
        clock,
      ),
      getPolicy: getPolicy(store, clock),
      listPolicies: listPolicies(store, clock),
      updatePolicy: updatePolicy(changes, shared, triggers),
      changePolicyStatus: changePolicyStatus(changes),
      setQuantity: setQuantity(changes),
      getStock: getStock(store, clock),
      isIssued: isIssued(reader),
      listUserCoupons: listUserCoupons(reader, clock),
      redeemCode: redeemCode(codes, issue, resultLookup),
      validateCode: validateCode(codes, clock),
      withdrawCoupons: withdrawCoupons({
        policies: store,
        stores,
        jobs: jobStore,
        coupons: withdrawals,
        resultLookup,
        clock,
        nextId,
        wake: jobs.wake,
      }),
      generateCodes: generateCodes({
        policies: store,
        stores,
        jobs: jobStore,
        codes: codeStore,
        resultLookup,
        clock,
        nextId,
        wake: jobs.wake,
      }),
      listCodes: listCodes({ policies: store, stores }, codeReader),
      directIssue: directIssue(store, stores, issue, resultLookup),
      listExpiringCoupons: listExpiringCoupons(reader, clock),
      getUserStatistics: getUserStatistics(reader, clock),
      countActivity: countActivity(activity),
      countReserved: countReserved(activity),
      listPolicyIds: listPolicyIds(activity),
      listDueCoupons: listDueCoupons(unused),
      listUnusedCoupons: listUnusedCoupons(unused),
      reserveCoupon: reserveCoupon(operation),
      countReservations: countReservations(reservationCounts),
      endReservationCount: endReservationCount(reservationCounts),
      releaseReservation: releaseReservation(operation, reader),
      extendReservation: extendReservation(operation, reader),
      confirmReservation: confirmReservation(operation, reader),
      useCoupon: useCoupon(operation, reader),
      replayReservation: replayReservation(operation),
      replayUse: replayUse(operation),
      getRedemptionCode: getRedemptionCode(redemption, postgresOwnCoupons(database), clock),
      useAtCounter: useAtCounter(operation, stores, redemption),
      quoteCoupons: quoteCoupons(postgresQuoteReader(database), codes, clock),
      cancelCoupon: cancelCoupon(operation, stores),
      restoreCoupon: restoreCoupon(operation),
    },
    facts,
    directory: directory(postgresClaimedCodes(database), postgresNameClaims(database), postgresPlaceReader(database)),
    isClosed: (policyId) => refusalCache.isClosed(policyId, clock()),
    jobs: [
      openAndEndPolicies({
        windows: postgresPolicyWindows(transitions),
        refusalCache,
        now: database.readTime,
        changed: policiesChanged,
      }),
      // In this order, because a coupon whose reservation ends may have expired meanwhile.
      endReservations(dueDeps),
      expireCoupons(dueDeps),
      ...jobs.scheduled,
    ],
    async stop() {
      // First, because steps of jobs use the lifecycle.
      await jobs.stop();
      await Promise.all([codes.stop(), issue.stop(), lifecycle.stop(), resultLookup.stop()]);
    },
  };
}
