import type { ServerResponse } from 'node:http';
import { ProblemError } from '../problems/problem.ts';

const HEARTBEAT_MS = 15_000;
/** The most sockets of a node that streams may use. */
const STREAMS_MAX = 10_000;
/** The most unread bytes of a slow client before its stream is closed. */
const BUFFERED_BYTES_MAX = 64 * 1024;

/** A kind of stock that can be streamed. */
export interface StockSource {
  /** The polling interval; one poll serves all streams of a node. */
  readonly pollMs: number;
  /** Reads the stock to send as JSON; undefined: nothing to send. */
  read(id: bigint): Promise<object | undefined>;
}

/** Streams of stock: one poll for each item and node, while it has a stream. */
export interface StockStreams {
  /** Writes to the response, whose headers are already sent. */
  watch(source: StockSource, id: bigint, first: object, response: ServerResponse): void;
  /** Returns the stock that was sent last; undefined when the item has no stream. */
  latest(source: StockSource, id: bigint): object | undefined;
  /** Throws OVERLOADED when all streams are in use; call it before headers are sent. */
  requireRoom(): void;
  /** Ends every stream, so that shutdown does not wait for them. */
  stop(): void;
}

interface Watched {
  readonly watchers: Set<ServerResponse>;
  timer: NodeJS.Timeout | undefined;
  latest: object | undefined;
  lastSent: string;
}

export function stockStreams(onError: (error: unknown) => void): StockStreams {
  const sources = new Map<StockSource, Map<bigint, Watched>>();
  let streams = 0;
  let stopped = false;
  const everything = (): Watched[] => [...sources.values()].flatMap((things) => [...things.values()]);
  const heartbeat = setInterval(() => {
    for (const { watchers } of everything()) for (const watcher of watchers) write(watcher, ': still here\n\n');
  }, HEARTBEAT_MS).unref();

  const again = (source: StockSource, id: bigint, watched: Watched): void => {
    watched.timer = setTimeout(() => void poll(source, id, watched), source.pollMs).unref();
  };
  const poll = async (source: StockSource, id: bigint, watched: Watched): Promise<void> => {
    try {
      watched.latest = await source.read(id);
      if (watched.latest) send(watched, watched.latest);
    } catch (error) {
      // Ignored: clients keep the last stock, and the next poll may succeed.
      onError(error);
    }
    if (watched.watchers.size > 0 && !stopped) again(source, id, watched);
    else sources.get(source)?.delete(id);
  };

  function watchedOf(source: StockSource, id: bigint): Watched {
    const things = sources.get(source) ?? new Map<bigint, Watched>();
    sources.set(source, things);
    const known = things.get(id);
    if (known) return known;
    const fresh: Watched = { watchers: new Set(), timer: undefined, latest: undefined, lastSent: '' };
    things.set(id, fresh);
    again(source, id, fresh);
    return fresh;
  }

  return {
    latest: (source, id) => sources.get(source)?.get(id)?.latest,
    requireRoom() {
      if (streams >= STREAMS_MAX || stopped) throw new ProblemError('OVERLOADED', { retryAfterSeconds: 5 });
    },
    watch(source, id, first, response) {
      // A client that disconnected during the first read has emitted `close` already, and would be counted for ever.
      if (response.destroyed) return;
      const { watchers } = watchedOf(source, id);
      watchers.add(response);
      streams += 1;
      response.once('close', () => {
        if (watchers.delete(response)) streams -= 1;
      });
      write(response, eventOf(first));
    },
    stop() {
      stopped = true;
      clearInterval(heartbeat);
      for (const { timer, watchers } of everything()) {
        clearTimeout(timer);
        for (const watcher of watchers) watcher.end();
      }
      sources.clear();
    },
  };
}

function send(watched: Watched, stock: object): void {
  const event = eventOf(stock);
  if (event === watched.lastSent) return;
  watched.lastSent = event;
  for (const watcher of watched.watchers) write(watcher, event);
}

function write(watcher: ServerResponse, text: string): void {
  if (watcher.writableLength > BUFFERED_BYTES_MAX) watcher.destroy();
  else watcher.write(text);
}

const eventOf = (stock: object): string => `event: stock\ndata: ${JSON.stringify(stock)}\n\n`;
