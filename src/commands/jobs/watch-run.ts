import { openEdge, toJobView } from './edge.ts';
import { follow } from './follow.ts';

export interface WatchOptions {
  /** A decimal id. */
  readonly id: string;
  readonly url?: string;
}

/** `stampede jobs watch`: 0 when the job is done, 1 when it failed. */
export async function run({ id, url }: WatchOptions): Promise<number> {
  const edge = await openEdge(url);
  const response = await edge.call('GET', `/api/v1/jobs/${id}`);
  return await follow(edge, toJobView(await response.json()), process.stdout);
}
