import type { ServerResponse } from 'node:http';
import { ProblemError } from './problem.ts';

const HEARTBEAT_MS = 15_000;
/** Sockets a node spends on watchers, in all. */
const STREAMS_MAX = 10_000;
/** What a watcher that reads too slowly may have unread before it is let go. */
const BUFFERED_BYTES_MAX = 64 * 1024;

/** A kind of stock that can be watched. */
export interface StockSource {
  /** How often it is looked at: once for all watchers of a node. */
  readonly pollMs: number;
  /** What watchers are told, as JSON; undefined = nothing at the moment. */
  read(id: bigint): Promise<object | undefined>;
}

/** Watchers of stock: one poll per thing and node, while somebody watches. */
export interface StockStreams {
  /** Takes over the response, whose headers are already sent. */
  watch(source: StockSource, id: bigint, first: object, response: ServerResponse): void;
  /** What anybody who watches it was told last; undefined when nobody watches. */
  latest(source: StockSource, id: bigint): object | undefined;
  /** Refuses when full; to be asked before headers are sent. Thrown: OVERLOADED. */
  requireRoom(): void;
  /** Ends every stream, so that a node that drains is not held up. */
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
      if (watched.latest) tell(watched, watched.latest);
    } catch (error) {
      // The watchers keep what they know; the next poll may do better.
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
      // Whoever left while the first stock was read has told so already, and would be counted for good.
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

function tell(watched: Watched, stock: object): void {
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
