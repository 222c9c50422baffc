import { withTimeout } from '../platform/kernel/timeout.ts';
import type { Server } from './server.ts';

/** Requests in flight get this long to finish; with PostgreSQL's own limit the whole stop stays below 5 s. */
export const DRAIN_MS = 2_500;

/** Announces the stop and stops the server. Returns DRAIN_MS after the announced time, also when requests are still running. */
export async function drain(server: Pick<Server, 'leave' | 'stop'>): Promise<void> {
  await server.leave();
  const late = new Error('the server did not drain in time');
  await withTimeout(server.stop(), DRAIN_MS, () => late).catch((error: unknown) => {
    if (error !== late) throw error;
  });
}
