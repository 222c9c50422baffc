import { z } from 'zod';

/** How far a job is. */
export interface JobView {
  readonly jobId: string;
  readonly status: 'OPEN' | 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED';
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly error: string | null;
  readonly estimatedFinishAt: string | null;
}

/** The jobs of a context, as the API has them. */
export interface JobKind {
  readonly path: string;
  /** What they work on, one by one. */
  readonly unit: string;
  /** Whether the path of a job has `/events`. */
  readonly isStreamed: boolean;
  toView(json: unknown): JobView;
}

const shared = {
  jobId: z.string(),
  status: z.enum(['OPEN', 'QUEUED', 'RUNNING', 'DONE', 'FAILED']),
  total: z.number(),
  done: z.number(),
  error: z.string().nullable(),
};
const CouponJob = z.object({ ...shared, failed: z.number(), estimatedFinishAt: z.string().nullable() });
const NoticeJob = z.object({ ...shared, startedAt: z.string().nullable() });

export const COUPON_JOBS: JobKind = {
  path: '/api/v1/jobs',
  unit: 'rows',
  isStreamed: true,
  toView: (json) => CouponJob.parse(json),
};

export const NOTICE_JOBS: JobKind = {
  path: '/api/v1/notification-jobs',
  unit: 'users',
  isStreamed: false,
  toView(json) {
    const { startedAt, ...job } = NoticeJob.parse(json);
    return { ...job, failed: 0, estimatedFinishAt: finishOf(job, startedAt, Date.now()) };
  },
};

/** From the speed so far. */
function finishOf(
  { status, done, total }: Pick<JobView, 'status' | 'done' | 'total'>,
  startedAt: string | null,
  nowMs: number,
): string | null {
  if (status !== 'RUNNING' || startedAt === null || done === 0) return null;
  const tookMs = nowMs - Date.parse(startedAt);
  return new Date(nowMs + (tookMs / done) * Math.max(0, total - done)).toISOString();
}
