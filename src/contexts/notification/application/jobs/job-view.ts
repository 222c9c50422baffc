import type { NoticeJob as NoticeJobView } from '../../api.ts';
import type { NoticeJob } from '../../domain/notice-job.ts';

/** A job as the contract shows it. */
export const toJobView = ({ audience, notice, error, startedAt, finishedAt, ...job }: NoticeJob): NoticeJobView => ({
  id: job.id,
  audience: { type: audience.type, id: audience.id ?? undefined },
  kind: notice.kind,
  subject: notice.subject,
  status: job.status,
  total: job.total,
  done: job.done,
  written: job.written,
  unknown: job.unknown,
  error: error ?? undefined,
  startsAt: job.startsAt,
  createdAt: job.createdAt,
  startedAt: startedAt ?? undefined,
  finishedAt: finishedAt ?? undefined,
});
