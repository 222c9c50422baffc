import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { CallAsAdmin } from './admin.ts';

const Job = z.object({
  jobId: z.string(),
  status: z.string(),
  total: z.number(),
  done: z.number(),
  error: z.string().nullable(),
  estimatedFinishAt: z.string().nullable(),
});
export type WatchedJob = z.infer<typeof Job>;

export const readJob = async (answer: Response): Promise<WatchedJob> => Job.parse(await answer.json());

/** Follows a job to its end by the server's own events; `show` hears of every change. */
export async function watchJob(
  call: CallAsAdmin,
  begun: WatchedJob,
  show: (job: WatchedJob) => void,
): Promise<WatchedJob> {
  let job = begun;
  const path = `/api/v1/jobs/${job.jobId}`;
  while (!isOver(job)) {
    const { body } = await call('GET', `${path}/events`);
    if (body === null) throw new Error('a stream of events without a body');
    for await (const line of createInterface({ input: Readable.fromWeb(body) })) {
      if (!line.startsWith('data: ')) continue;
      job = Job.parse(JSON.parse(line.slice('data: '.length)));
      show(job);
    }
    // A node that stops ends its streams; another one has the job by now.
    if (!isOver(job)) job = await readJob(await call('GET', path));
  }
  return job;
}

const isOver = ({ status }: WatchedJob): boolean => status === 'DONE' || status === 'FAILED';
