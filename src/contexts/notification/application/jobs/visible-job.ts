import type { Principal } from '../../../../platform/kernel/contract.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { isOfOwner, type NoticeJob } from '../../domain/notice-job.ts';
import { refuse } from '../../refusals.ts';
import { mayAnnounce } from './check-announcement.ts';
import type { JobStore } from './ports.ts';

/** Operators see every job, an OWNER those that they created for their stores. Other jobs are reported as missing. */
export async function findVisibleJob(
  store: Pick<JobStore, 'find'>,
  principal: Principal | undefined,
  jobId: bigint,
): Promise<NoticeJob | Refusal> {
  if (!mayAnnounce(principal)) return refuse('FORBIDDEN');
  const job = await store.find(jobId);
  const isVisible = isOperator(principal?.role) || (job && isOfOwner(job) && job.createdBy === principal?.userId);
  return job && isVisible ? job : refuse('NOTICE_JOB_NOT_FOUND');
}
