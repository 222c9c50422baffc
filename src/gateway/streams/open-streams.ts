import type { FastifyReply } from 'fastify';
import { ProblemError } from '../problems/problem.ts';
import { HEARTBEAT } from './event-frame.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import { createSlices, type Slices } from './slices.ts';

/** The most sockets of a node that streams may use. */
export const STREAMS_MAX = 10_000;
const SWEEP_MS = 5_000;
const HEARTBEAT_MS = 15_000;

/** The streams of a node that may be open for hours. */
export interface OpenStreams extends Slices {
  /** Throws OVERLOADED when all places are in use, or the node drains. Call it before headers are sent. */
  requireRoom(): void;
  /** Sends headers. Returns undefined when the client has gone away meanwhile. */
  open(reply: FastifyReply): EventStream | undefined;
  /** Ends every stream, so that shutdown does not wait for them. */
  stop(): void;
}

export function openStreams(start: typeof openEventStream = openEventStream): OpenStreams {
  const open = new Set<EventStream>();
  const slices = createSlices();
  let stopped = false;

  /** Keeps connections alive. */
  function* sweep(): Generator {
    for (const stream of open) {
      if (!stream.isBehind && performance.now() - stream.sentAtMs >= HEARTBEAT_MS) stream.send(HEARTBEAT);
      yield;
    }
  }
  function* end(): Generator {
    for (const stream of open) {
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
      open.add(stream);
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
