import type { FastifyReply } from 'fastify';
import { eventFrame } from './event-frame.ts';
import type { EventStream } from './event-stream.ts';
import type { OpenStreams } from './open-streams.ts';

/** A kind of stock that can be streamed. */
export interface StockSource {
  /** The polling interval; one poll serves all streams of a node. */
  readonly pollMs: number;
  /** Reads the stock to send as JSON; undefined: nothing to send. */
  read(id: bigint): Promise<object | undefined>;
}

/** Streams of stock: one poll for each item and node, while it has a stream. */
export interface StockStreams {
  /** Sends the headers, the stock `first`, and from then on the newest stock after each change. */
  watch(source: StockSource, id: bigint, first: object, reply: FastifyReply): void;
  /** Returns the stock that was read last; undefined when the item has no stream. */
  latest(source: StockSource, id: bigint): object | undefined;
  /** How many are open. */
  count(): number;
  /** Stops polling. */
  stop(): void;
}

interface Watched {
  /** Each stream with what was sent to it last. */
  readonly streams: Map<EventStream, Buffer>;
  timer: NodeJS.Timeout | undefined;
  latest: object | undefined;
  /** The newest stock, encoded. */
  frame: Buffer;
  isSending: boolean;
}

export function stockStreams(open: Pick<OpenStreams, 'open' | 'run'>, onError: (error: unknown) => void): StockStreams {
  const sources = new Map<StockSource, Map<bigint, Watched>>();
  let count = 0;
  let stopped = false;

  const again = (source: StockSource, id: bigint, watched: Watched): void => {
    watched.timer = setTimeout(() => void poll(source, id, watched), source.pollMs).unref();
  };
  const poll = async (source: StockSource, id: bigint, watched: Watched): Promise<void> => {
    try {
      watched.latest = await source.read(id);
      if (watched.latest) publish(watched, watched.latest);
    } catch (error) {
      // Ignored: clients keep the last stock, and the next poll may succeed.
      onError(error);
    }
    if (watched.streams.size > 0 && !stopped) again(source, id, watched);
    else sources.get(source)?.delete(id);
  };

  function publish(watched: Watched, stock: object): void {
    const frame = eventFrame('stock', stock);
    if (!frame.equals(watched.frame)) watched.frame = frame;
    if (watched.isSending) return;
    watched.isSending = true;
    open.run(sendNewest(watched));
  }

  function watchedOf(source: StockSource, id: bigint, first: object): Watched {
    const things = sources.get(source) ?? new Map<bigint, Watched>();
    sources.set(source, things);
    const known = things.get(id);
    if (known) return known;
    const frame = eventFrame('stock', first);
    const fresh: Watched = { streams: new Map(), timer: undefined, latest: undefined, frame, isSending: false };
    things.set(id, fresh);
    again(source, id, fresh);
    return fresh;
  }

  return {
    latest: (source, id) => sources.get(source)?.get(id)?.latest,
    count: () => count,
    watch(source, id, first, reply) {
      const stream = open.open(reply);
      if (stream === undefined) return;
      const watched = watchedOf(source, id, first);
      const frame = eventFrame('stock', first);
      stream.send(frame);
      watched.streams.set(stream, frame.equals(watched.frame) ? watched.frame : frame);
      count += 1;
      stream.onceClosed(() => {
        count -= 1;
        watched.streams.delete(stream);
      });
    },
    stop() {
      stopped = true;
      for (const things of sources.values()) for (const { timer } of things.values()) clearTimeout(timer);
      sources.clear();
    },
  };
}

/** Sends every stream the newest stock. One that is behind gets it after a later poll, and never what has changed since. */
function* sendNewest(watched: Watched): Generator {
  let frame: Buffer;
  do {
    frame = watched.frame;
    for (const [stream, sent] of watched.streams) {
      if (sent === watched.frame || stream.isBehind) continue;
      stream.send(watched.frame);
      watched.streams.set(stream, watched.frame);
      yield;
    }
  } while (frame !== watched.frame);
  watched.isSending = false;
}
