import type { Api } from '../remote/api.ts';
import type { ServerOptions } from '../remote/find-server.ts';
import { openApi } from '../remote/open-api.ts';
import { ApiRefusal } from '../remote/problem.ts';
import { readResponse } from '../remote/read-response.ts';
import { follow } from './follow.ts';
import { COUPON_JOBS, type JobKind, type JobView, NOTICE_JOBS } from './job-view.ts';

export interface WatchOptions extends ServerOptions {
  /** A decimal id. */
  readonly id: string;
  /** Path of the file for rows that failed. */
  readonly errors?: string;
}

/** `stampede jobs watch`: 0 when the job is done, 1 when it failed. */
export async function run({ id, errors, ...server }: WatchOptions): Promise<number> {
  const api = await openApi(server);
  const { job, kind } = await find(api, id);
  return await follow(api, job, process.stdout, { kind, errorsFile: errors });
}

/** Ids are unique over all contexts. @throws the refusal of the coupon context when none has the job */
async function find(api: Api, id: string): Promise<{ readonly job: JobView; readonly kind: JobKind }> {
  const read = async (kind: JobKind) => ({
    job: await readResponse(api.url, await api.call('GET', `${kind.path}/${id}`), kind.toView),
    kind,
  });
  try {
    return await read(COUPON_JOBS);
  } catch (missing) {
    if (!isMissing(missing)) throw missing;
    return await read(NOTICE_JOBS).catch((error: unknown) => {
      throw isMissing(error) ? missing : error;
    });
  }
}

const isMissing = (error: unknown): boolean => error instanceof ApiRefusal && error.status === 404;
