import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { type Principal, principalKey } from './auth/principal.ts';
import { refuseWhen } from './limits/take.ts';
import { ProblemError } from './problems/problem.ts';

/** Files that a user or a machine may read at the same time, and all of them on a node. One holds some megabytes. */
export const OF_PRINCIPAL_MAX = 4;
export const OF_NODE_MAX = 64;
const RETRY_AFTER_SECONDS = 5;

export interface DownloadsDeps {
  readonly downloads: Downloads;
}

/** Files whose rows are read while they are sent. */
export interface Downloads {
  /**
   * Begins a CSV file: sets the headers of the response, and returns its body. Throws RATE_LIMITED or OVERLOADED; read what may be refused before.
   */
  csv(reply: FastifyReply, principal: Principal, fileName: string, rows: AsyncIterable<string>): Readable;
}

/**
 * How long a download takes is up to its client. So it takes a place among downloads alone, and does not count in flight: a few clients that read
 * nothing would make the node look overloaded. One that takes nothing of its file loses its connection (stalled-clients.ts), and with it the place.
 */
export function openDownloads(): Downloads {
  const open = new Map<string, number>();
  let all = 0;

  function take(key: string): void {
    const count = open.get(key) ?? 0;
    refuseWhen(count >= OF_PRINCIPAL_MAX, RETRY_AFTER_SECONDS);
    if (all >= OF_NODE_MAX) throw new ProblemError('OVERLOADED', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    open.set(key, count + 1);
    all += 1;
  }

  function leave(key: string): void {
    const count = open.get(key) ?? 0;
    if (count > 1) open.set(key, count - 1);
    else open.delete(key);
    all -= 1;
  }

  return {
    csv(reply, principal, fileName, rows) {
      const { raw } = reply;
      const key = principalKey(principal);
      // A client that is gone already has emitted `close`, and would keep its place for ever.
      if (!raw.destroyed) {
        take(key);
        raw.once('close', () => leave(key));
        raw.handledRequest?.leave();
      }
      void reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${fileName}"`);
      return Readable.from(rows);
    },
  };
}
