import { optional, shared } from '../../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import { couponJobErrors, couponJobs } from '../schema.ts';

/** Without the lease: that is the store's own. */
export const JOB = tableMapping(couponJobs, {
  id: couponJobs.id,
  kind: couponJobs.kind,
  policyId: couponJobs.policyId,
  createdBy: couponJobs.createdBy,
  params: couponJobs.params,
  status: couponJobs.status,
  total: couponJobs.total,
  done: couponJobs.done,
  failed: couponJobs.failed,
  error: optional(couponJobs.error),
  createdAt: couponJobs.createdAt,
  startedAt: optional(couponJobs.startedAt),
  finishedAt: optional(couponJobs.finishedAt),
});

export const ROW_ERROR = tableMapping(couponJobErrors, {
  jobId: shared(couponJobErrors.jobId),
  row: couponJobErrors.row,
  line: couponJobErrors.line,
  code: couponJobErrors.code,
});
