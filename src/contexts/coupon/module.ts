import { randomBytes } from 'node:crypto';
import { BATCH_MAX } from '../../platform/batching/batcher.ts';
import { batcherMetrics } from '../../platform/batching/batcher-observer.ts';
import type { ContextDeps, ContextModule } from '../../platform/context.ts';
import type { Topics } from '../../platform/events/topic.ts';
import { createNotifier } from '../../platform/kernel/notifier.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import { couponAudits } from './adapters/postgres/audits.ts';
import { postgresCodeReader } from './adapters/postgres/code-reader.ts';
import { postgresCodeStore } from './adapters/postgres/code-store.ts';
import { postgresCouponReader } from './adapters/postgres/coupon-reader.ts';
import { postgresDueReader } from './adapters/postgres/due-reader.ts';
import { postgresHappeningsReader } from './adapters/postgres/happenings.ts';
import { postgresIssueStore } from './adapters/postgres/issue-store.ts';
import { postgresJobStore } from './adapters/postgres/job-store.ts';
import { postgresKeptResults } from './adapters/postgres/kept-results.ts';
import { PAYMENTS_CONSUMER } from './adapters/postgres/life-reads.ts';
import { postgresLifeStore } from './adapters/postgres/life-store.ts';
import { postgresPolicyStore } from './adapters/postgres/policy-store.ts';
import { postgresPolicyWindows } from './adapters/postgres/policy-windows.ts';
import { postgresRowIssueStore } from './adapters/postgres/row-issue-store.ts';
import type { CouponService } from './api.ts';
import { cancelCoupon } from './application/cancel-coupon.ts';
import { changePolicyStatus } from './application/change-policy-status.ts';
import { codeFinder } from './application/code-finder.ts';
import { confirmReservation } from './application/confirm-reservation.ts';
import { countHappenings, countReserved, listPolicyIds } from './application/count-happenings.ts';
import { couponLife } from './application/coupon-life.ts';
import { createPolicy } from './application/create-policy.ts';
import { directIssue } from './application/direct-issue.ts';
import { extendReservation } from './application/extend-reservation.ts';
import { generateCodes } from './application/generate-codes.ts';
import { getUserStatistics } from './application/get-user-statistics.ts';
import { issuing } from './application/issue-coupon.ts';
import { directIssueRows } from './application/jobs/direct-issue-rows.ts';
import { generateCodesRows } from './application/jobs/generate-codes-rows.ts';
import { importCodesRows } from './application/jobs/import-codes-rows.ts';
import { jobService } from './application/jobs/job-service.ts';
import { JOBS_AT_ONCE } from './application/jobs/runner.ts';
import { keptBefore } from './application/kept-before.ts';
import { listCodes } from './application/list-codes.ts';
import { listExpiringCoupons } from './application/list-expiring-coupons.ts';
import { onPayment, PAYMENT_TOPICS } from './application/on-payment.ts';
import { onTrigger } from './application/on-trigger.ts';
import { isIssued, listUserCoupons } from './application/read-coupons.ts';
import { getPolicy, getStock, listPolicies } from './application/read-policies.ts';
import { redeemCode } from './application/redeem-code.ts';
import { refusalCache } from './application/refusal-cache.ts';
import { releaseReservation } from './application/release-reservation.ts';
import { reserveCoupon } from './application/reserve-coupon.ts';
import { restoreCoupon } from './application/restore-coupon.ts';
import { endReservations } from './application/scheduled/end-reservations.ts';
import { expireCoupons } from './application/scheduled/expire-coupons.ts';
import { openAndEndPolicies } from './application/scheduled/open-and-end-policies.ts';
import { setQuantity } from './application/set-quantity.ts';
import { triggersOf } from './application/trigger.ts';
import { updatePolicy } from './application/update-policy.ts';
import { useCoupon } from './application/use-coupon.ts';
import { validateCode } from './application/validate-code.ts';

const MINUTE_MS = 60_000;

export interface CouponOptions {
  /** Commands a batch at most; 1 turns batching off, to measure what it gives. */
  readonly batchMax?: number;
  /** False turns off that a user has one request a second where memory cannot refuse them. */
  readonly rateLimit?: boolean;
  /** How long a reservation lasts. Default 10. */
  readonly reservationMinutes?: number;
  /** Every topic there is: those about a user may trigger EVENT policies. */
  readonly topics?: Topics;
  /** Called after a commit that wrote events: the relay need not wait for its next look. */
  readonly onEvents?: () => void;
}

export interface CouponModule extends ContextModule<CouponService> {
  /** Is an issue request for this policy certainly refused, without the database? */
  isClosed(policyId: bigint): boolean;
}

export function createCoupon(deps: ContextDeps, options: CouponOptions = {}): CouponModule {
  const { database, bus, clock, nextId, log, metrics } = deps;
  const { batchMax = BATCH_MAX, rateLimit = true, reservationMinutes = 10, topics = {}, onEvents = () => {} } = options;
  const policiesChanged = createNotifier();
  const reader = postgresCouponReader(database);
  const happenings = postgresHappeningsReader(database);
  const known = refusalCache();
  const observer = batcherMetrics(metrics);
  const kept = keptBefore(postgresKeptResults(database), classifyFailure, observer('coupon.kept-before'));
  const issue = issuing({
    storeFor: (batcher, concurrency) =>
      postgresIssueStore(database.forBatcher(batcher, concurrency), nextId, onEvents, {
        optimistic: batcher === 'coupon.issue',
      }),
    known,
    kept,
    clock,
    nextId,
    classify: classifyFailure,
    observer: observer('coupon.issue'),
    bulkObserver: observer('coupon.issue-bulk'),
    batchMax,
    limited: rateLimit,
    onError: (error) => log.error({ err: error }, 'the holders of a closed policy were not loaded'),
  });
  const codeReader = postgresCodeReader(database);
  const codes = codeFinder({
    reader: codeReader,
    clock,
    classify: classifyFailure,
    observer: observer('coupon.code'),
  });
  const store = postgresPolicyStore(database, clock, nextId, () => {
    codes.forget();
    onEvents();
    policiesChanged.notify();
  });
  const codeStore = postgresCodeStore(database, codeReader, codes.forget);
  const jobStore = postgresJobStore(database);
  const jobs = jobService({
    policies: store,
    store: jobStore,
    kinds: [
      directIssueRows(
        postgresRowIssueStore(database.forBatcher('coupon.jobs', JOBS_AT_ONCE), nextId, onEvents),
        clock,
        nextId,
      ),
      generateCodesRows(codeStore, randomBytes),
      importCodesRows(codeStore),
    ],
    clock,
    now: database.readTime,
    nextId,
    classify: classifyFailure,
    onError: (error, jobId) => log.error({ err: error, jobId: jobId?.toString() }, 'a job met an error'),
  });
  const triggers = triggersOf(topics);
  if (triggers.size > 0) bus.subscribe('coupon.event-policies', [...triggers.keys()], onTrigger(store, issue));
  const changes = { store, known, clock };
  const life = couponLife({
    storeFor: (batcher, concurrency) => postgresLifeStore(database.forBatcher(batcher, concurrency), nextId, onEvents),
    known,
    holdMs: reservationMinutes * MINUTE_MS,
    classify: classifyFailure,
    observer,
    batchMax,
  });
  const operation = { life, clock };
  const dues = { due: postgresDueReader(database), life, now: database.readTime };
  bus.subscribe(PAYMENTS_CONSUMER, PAYMENT_TOPICS, onPayment(life));
  return {
    api: {
      ...jobs.api,
      issueCoupon: issue.issueCoupon,
      createPolicy: createPolicy(store, clock, nextId, triggers),
      getPolicy: getPolicy(store, clock),
      listPolicies: listPolicies(store, clock),
      updatePolicy: updatePolicy(changes, triggers),
      changePolicyStatus: changePolicyStatus(changes),
      setQuantity: setQuantity(changes),
      getStock: getStock(store, clock),
      isIssued: isIssued(reader),
      listUserCoupons: listUserCoupons(reader, clock),
      redeemCode: redeemCode(codes, issue, kept),
      validateCode: validateCode(codes, clock),
      generateCodes: generateCodes({
        policies: store,
        jobs: jobStore,
        codes: codeStore,
        kept,
        clock,
        nextId,
        wake: jobs.wake,
      }),
      listCodes: listCodes(store, codeReader),
      directIssue: directIssue(store, issue, kept),
      listExpiringCoupons: listExpiringCoupons(reader, clock),
      getUserStatistics: getUserStatistics(reader, clock),
      countHappenings: countHappenings(happenings),
      countReserved: countReserved(happenings),
      listPolicyIds: listPolicyIds(happenings),
      reserveCoupon: reserveCoupon(operation),
      releaseReservation: releaseReservation(operation),
      extendReservation: extendReservation(operation),
      confirmReservation: confirmReservation(operation),
      useCoupon: useCoupon(operation),
      cancelCoupon: cancelCoupon(operation),
      restoreCoupon: restoreCoupon(operation),
    },
    isClosed: (policyId) => known.isClosed(policyId, clock()),
    audits: couponAudits,
    jobs: [
      openAndEndPolicies({
        windows: postgresPolicyWindows(database, nextId, onEvents),
        known,
        now: database.readTime,
        changed: policiesChanged,
      }),
      // In this order: a coupon whose reservation ends may have expired meanwhile.
      endReservations(dues),
      expireCoupons(dues),
      ...jobs.scheduled,
    ],
    async stop() {
      await Promise.all([codes.stop(), jobs.stop(), issue.stop(), life.stop(), kept.stop()]);
    },
  };
}
