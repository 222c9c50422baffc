import type { FastifyReply } from 'fastify';
import { ProblemError } from '../problems/problem.ts';
import { HEARTBEAT } from './event-frame.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import { createSlices, type Slices } from './slices.ts';

/** The most sockets of a node that streams may use. */
export const STREAMS_MAX = 10_000;
const SWEEP_MS = 5_000;
const HEARTBEAT_MS = 15_000;
/** A client that takes no byte in so many sweeps, although some wait for it, loses its stream: 30 s. */
const IDLE_SWEEPS_MAX = 6;

/** The streams of a node that may be open for hours. */
export interface OpenStreams extends Slices {
  /** Throws OVERLOADED when all places are in use, or the node drains. Call it before headers are sent. */
  requireRoom(): void;
  /** Sends headers. Returns undefined when the client has gone away meanwhile. */
  open(reply: FastifyReply): EventStream | undefined;
  /** Ends every stream, so that shutdown does not wait for them. */
  stop(): void;
}

interface Progress {
  bytesGone: number;
  idleSweeps: number;
}

export function openStreams(start: typeof openEventStream = openEventStream): OpenStreams {
  const open = new Map<EventStream, Progress>();
  const slices = createSlices();
  let stopped = false;

  /** Keeps connections alive, and gives up clients that do not read. */
  function* sweep(): Generator {
    for (const [stream, progress] of open) {
      if (!stream.isBehind) {
        progress.idleSweeps = 0;
        if (performance.now() - stream.sentAtMs >= HEARTBEAT_MS) stream.send(HEARTBEAT);
      } else if (stream.bytesGone > progress.bytesGone) {
        Object.assign(progress, { bytesGone: stream.bytesGone, idleSweeps: 0 });
      } else if (++progress.idleSweeps >= IDLE_SWEEPS_MAX) {
        stream.destroy();
      }
      yield;
    }
  }
  function* end(): Generator {
    for (const stream of open.keys()) {
      stream.end();
      yield;
    }
  }
  const sweeps = setInterval(() => slices.run(sweep()), SWEEP_MS).unref();

  return {
    run: slices.run,
    requireRoom() {
      if (open.size >= STREAMS_MAX || stopped) throw new ProblemError('OVERLOADED', { retryAfterSeconds: 5 });
    },
    open(reply) {
      // A client that disconnected during the first read has emitted `close` already, and would be counted for ever.
      if (reply.raw.destroyed) return undefined;
      const stream = start(reply);
      open.set(stream, { bytesGone: 0, idleSweeps: 0 });
      stream.onceClosed(() => open.delete(stream));
      // It drains since the room was checked.
      if (stopped) stream.end();
      return stream;
    },
    stop() {
      stopped = true;
      clearInterval(sweeps);
      slices.run(end());
    },
  };
}
