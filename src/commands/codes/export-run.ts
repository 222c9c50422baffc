import { once } from 'node:events';
import type { ServerOptions } from '../remote/find-server.ts';
import { openApi } from '../remote/open-api.ts';

export interface ExportOptions extends ServerOptions {
  /** A decimal id. */
  readonly policy: string;
}

/** `stampede codes export`: the file as the server streams it, never faster than it is read. */
export async function run({ policy, ...server }: ExportOptions): Promise<number> {
  const api = await openApi(server);
  const { body } = await api.call('GET', `/api/v1/coupon-policies/${policy}/codes.csv`);
  const { stdout } = process;
  // The reader closed the pipe: `| head`.
  stdout.once('error', () => process.exit(0));
  for await (const chunk of body ?? []) {
    if (!stdout.write(chunk)) await once(stdout, 'drain');
  }
  return 0;
}
