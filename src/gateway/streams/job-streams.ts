import type { ServerResponse } from 'node:http';
import type { JOB_STATUSES } from '../../contexts/coupon/api.ts';
import { ProblemError } from '../problems/problem.ts';

const POLL_MS = 500;
const HEARTBEAT_MS = 15_000;
/** Each stream polls by itself, because few users watch jobs. */
const STREAMS_MAX = 200;

/** The JSON of a job. The stream ends when its status is DONE or FAILED. */
interface JobState {
  readonly status: (typeof JOB_STATUSES)[number];
}

/** Watchers of jobs. */
export interface JobStreams {
  /** Writes to the response, whose headers are already sent, until the job has ended. Calls `read` every 500 ms. */
  watch(first: JobState, read: () => Promise<JobState>, response: ServerResponse): void;
  /** Throws when all streams are in use; call it before headers are sent. */
  requireRoom(): void;
  /** Ends every stream, so that a node that drains is not held up. */
  stop(): void;
}

export function jobStreams(onError: (error: unknown) => void): JobStreams {
  const open = new Map<ServerResponse, NodeJS.Timeout | undefined>();
  let stopped = false;

  async function poll(read: () => Promise<JobState>, sent: Sent, response: ServerResponse): Promise<void> {
    try {
      send(response, await read(), sent);
    } catch (error) {
      // Ignored: the client keeps the last state, and the next poll may succeed.
      onError(error);
    }
    again(read, sent, response);
  }

  function again(read: () => Promise<JobState>, sent: Sent, response: ServerResponse): void {
    if (sent.ended) response.end();
    else if (open.has(response)) open.set(response, setTimeout(() => void poll(read, sent, response), POLL_MS).unref());
  }

  return {
    requireRoom() {
      if (open.size >= STREAMS_MAX || stopped) throw new ProblemError('OVERLOADED', { retryAfterSeconds: 5 });
    },
    watch(first, read, response) {
      // A client that disconnected during the read has emitted `close` already, and would be counted for ever.
      if (response.destroyed) return;
      open.set(response, undefined);
      response.once('close', () => {
        clearTimeout(open.get(response));
        open.delete(response);
      });
      const sent: Sent = { text: '', atMs: 0, ended: false };
      send(response, first, sent);
      again(read, sent, response);
    },
    stop() {
      stopped = true;
      for (const [response, timer] of open) {
        clearTimeout(timer);
        response.end();
      }
      open.clear();
    },
  };
}

interface Sent {
  text: string;
  atMs: number;
  ended: boolean;
}

/** Sends changes, or a comment as keepalive after a while without a change. */
function send(response: ServerResponse, job: JobState, sent: Sent): void {
  const text = `event: job\ndata: ${JSON.stringify(job)}\n\n`;
  const nowMs = performance.now();
  if (text !== sent.text) response.write(text);
  else if (nowMs - sent.atMs > HEARTBEAT_MS) response.write(': still here\n\n');
  else return;
  sent.text = text;
  sent.atMs = nowMs;
  sent.ended = job.status === 'DONE' || job.status === 'FAILED';
}
