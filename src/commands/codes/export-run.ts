import { once } from 'node:events';
import { openEdge } from '../jobs/edge.ts';

export interface ExportOptions {
  /** A decimal id. */
  readonly policy: string;
  readonly url?: string;
}

/** `stampede codes export`: the file as the server streams it, never faster than it is read. */
export async function run({ policy, url }: ExportOptions): Promise<number> {
  const edge = await openEdge(url);
  const { body } = await edge.call('GET', `/api/v1/coupon-policies/${policy}/codes.csv`);
  const { stdout } = process;
  // The reader closed the pipe: `| head`.
  stdout.once('error', () => process.exit(0));
  for await (const chunk of body ?? []) {
    if (!stdout.write(chunk)) await once(stdout, 'drain');
  }
  return 0;
}
