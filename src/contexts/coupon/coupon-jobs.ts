import { randomBytes } from 'node:crypto';
import type { ContextDeps } from '../../platform/context.ts';
import { jobLog } from '../../platform/jobs/job-log.ts';
import { JOB_CONCURRENCY } from '../../platform/jobs/runner.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import type { StoreChecks } from '../store/api.ts';
import { postgresJobStore } from './adapters/postgres/jobs/job-store.ts';
import { postgresRowIssueStore } from './adapters/postgres/jobs/row-issue-store.ts';
import { postgresWithdrawalStore } from './adapters/postgres/jobs/withdrawal-store.ts';
import { generateCodes } from './application/codes/generate-codes.ts';
import { directIssue } from './application/issue/direct-issue.ts';
import { issueEvents } from './application/issue/issue-events.ts';
import { directIssueRows } from './application/jobs/direct-issue-rows.ts';
import { generateCodesRows } from './application/jobs/generate-codes-rows.ts';
import { importCodesRows } from './application/jobs/import-codes-rows.ts';
import { jobService } from './application/jobs/job-service.ts';
import { withdrawCoupons } from './application/jobs/withdraw-coupons.ts';
import { withdrawCouponsRows } from './application/jobs/withdraw-coupons-rows.ts';
import type { CouponLifecycle } from './application/lifecycle/coupon-lifecycle.ts';
import type { Issuing } from './issuing.ts';
import type { Policies } from './policies.ts';

interface CouponJobsDeps extends ContextDeps {
  readonly stores: StoreChecks;
  readonly issuing: Issuing;
  readonly policies: Pick<Policies, 'store' | 'codeStore'>;
  readonly lifecycle: CouponLifecycle;
  readonly onEvents: () => void;
}

/** Issues, codes and withdrawals for many users at once. */
export function createCouponJobs(deps: CouponJobsDeps) {
  const { database, clock, nextId, log, stores, lifecycle, onEvents } = deps;
  const { issue, resultLookup } = deps.issuing;
  const { store, codeStore } = deps.policies;
  const jobStore = postgresJobStore(database);
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
    log: jobLog(log, 'coupon'),
  });
  const submission = { policies: store, stores, jobs: jobStore, resultLookup, clock, nextId, wake: jobs.wake };
  return {
    api: {
      ...jobs.api,
      withdrawCoupons: withdrawCoupons({ ...submission, coupons: withdrawals }),
      generateCodes: generateCodes({ ...submission, codes: codeStore }),
      directIssue: directIssue(store, stores, issue, resultLookup),
    },
    scheduled: jobs.scheduled,
    stop: jobs.stop,
  };
}
