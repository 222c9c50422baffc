import type { Clock } from '../../../../platform/kernel/clock.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { isStorable } from '../../../../platform/kernel/text.ts';
import type { AppendJobInputRequest, JobResponse } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { findVisibleJob, toJobResponse, type VisibleJobs } from './job-response.ts';
import type { AppendRejection, JobStore } from './ports.ts';

/** Rows of one job: 100 MB of ids. */
export const JOB_ROWS_MAX = 5_000_000;
export const PART_LINES_MAX = 10_000;
export const LINE_CHARS_MAX = 200;

const REASONS: Readonly<Record<AppendRejection, Readonly<Record<string, string>>>> = {
  'not open': { jobId: 'takes no more lines' },
  'out of order': { part: 'parts come in order, from 0 on' },
  'too long': { lines: `a job has at most ${JOB_ROWS_MAX} lines` },
};

/** Appends lines to an OPEN job. Repeating a part changes nothing. */
export const appendJobInput =
  (jobs: VisibleJobs & { readonly store: Pick<JobStore, 'append'> }, clock: Clock) =>
  async ({ principal, jobId, part, lines }: AppendJobInputRequest): Promise<JobResponse> => {
    const job = await findVisibleJob(jobs, principal, jobId);
    if (isRefusal(job)) return toRefusalResponse(job);
    const invalid = invalidInput(part, lines);
    if (invalid) return toRefusalResponse(refuse('VALIDATION_FAILED', invalid));
    const appended = await jobs.store.append(jobId, part, lines, JOB_ROWS_MAX);
    return typeof appended === 'string'
      ? toRefusalResponse(refuse('VALIDATION_FAILED', REASONS[appended]))
      : toJobResponse(appended, clock());
  };

function invalidInput(part: number, lines: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (!Number.isInteger(part) || part < 0) return { part: 'must be 0, 1, 2 …' };
  if (lines.length < 1 || lines.length > PART_LINES_MAX) return { lines: `must be 1 to ${PART_LINES_MAX}` };
  const areStorable = lines.every((line) => line.length <= LINE_CHARS_MAX && isStorable(line));
  return areStorable ? undefined : { lines: `must be text of at most ${LINE_CHARS_MAX} characters each` };
}
