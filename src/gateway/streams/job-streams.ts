import type { JOB_STATUSES } from '../../contexts/coupon/api.ts';
import { ProblemError } from '../problems/problem.ts';
import { eventFrame, HEARTBEAT } from './event-frame.ts';
import type { EventStream } from './event-stream.ts';

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
  /** Sends changes until the job has ended. Calls `read` every 500 ms. */
  watch(first: JobState, read: () => Promise<JobState>, stream: EventStream): void;
  /** Throws when all streams are in use; call it before headers are sent. */
  requireRoom(): void;
  /** How many are open. */
  count(): number;
  /** Ends every stream, so that a node that drains is not held up. */
  stop(): void;
}

export function jobStreams(onError: (error: unknown) => void): JobStreams {
  const open = new Map<EventStream, NodeJS.Timeout | undefined>();
  let stopped = false;

  async function poll(read: () => Promise<JobState>, sent: Sent, stream: EventStream): Promise<void> {
    try {
      send(stream, await read(), sent);
    } catch (error) {
      // Ignored: the client keeps the last state, and the next poll may succeed.
      onError(error);
    }
    again(read, sent, stream);
  }

  function again(read: () => Promise<JobState>, sent: Sent, stream: EventStream): void {
    if (sent.ended) stream.end();
    else if (open.has(stream)) open.set(stream, setTimeout(() => void poll(read, sent, stream), POLL_MS).unref());
  }

  return {
    requireRoom() {
      if (open.size >= STREAMS_MAX || stopped) throw new ProblemError('OVERLOADED', { retryAfterSeconds: 5 });
    },
    watch(first, read, stream) {
      // A client that disconnected during the read has emitted `close` already, and would be counted for ever.
      if (stream.isClosed) return;
      open.set(stream, undefined);
      stream.onceClosed(() => {
        clearTimeout(open.get(stream));
        open.delete(stream);
      });
      const sent: Sent = { frame: undefined, ended: false };
      send(stream, first, sent);
      again(read, sent, stream);
    },
    count: () => open.size,
    stop() {
      stopped = true;
      for (const [stream, timer] of open) {
        clearTimeout(timer);
        stream.end();
      }
      open.clear();
    },
  };
}

interface Sent {
  frame: Buffer | undefined;
  ended: boolean;
}

/** Sends changes, or a comment as keepalive after a while without a change. */
function send(stream: EventStream, job: JobState, sent: Sent): void {
  const frame = eventFrame('job', job);
  if (sent.frame === undefined || !frame.equals(sent.frame)) stream.send(frame);
  else if (performance.now() - stream.sentAtMs > HEARTBEAT_MS) stream.send(HEARTBEAT);
  else return;
  sent.frame = frame;
  sent.ended = job.status === 'DONE' || job.status === 'FAILED';
}
