import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { StampedeError } from './errors.ts';
import type { Problem } from './problems.ts';
import { backoff, retryAfter } from './retry.ts';
import type { Send } from './send.ts';
import { wait } from './wait.ts';

/** The server sends a comment every 15 s. Without any sign of life for three times as long the connection is considered lost. */
const SILENCE_MAX_MS = 45_000;
/** Between connections, unless the server says something else. */
const RECONNECT_MS = 1_000;
const RECONNECT_MAX_MS = 30_000;
/** Responses after which another connection may succeed. */
const TEMPORARY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export interface EventSourceOptions {
  /** Ends the stream: the iterator rejects with its reason. Leaving the loop with `break` ends it, too. */
  readonly signal?: AbortSignal | undefined;
  /** The id of the last event of an earlier stream: events after it follow, where the stream has ids. */
  readonly lastEventId?: string | undefined;
}

/**
 * The events of a stream. A connection that ends is replaced, with the id of the last event, until the caller leaves the loop or aborts: a server that
 * restarts, or a token that has expired, is not seen. Delays between connections grow while none succeeds.
 * @throws StampedeError when the stream is refused
 */
export async function* eventSource(
  send: Send,
  url: string,
  { signal, lastEventId }: EventSourceOptions,
): AsyncGenerator<EventSourceMessage> {
  const connection: Connection = { lastEventId, reconnectMs: RECONNECT_MS };
  for (let failures = 0; ; failures++) {
    let delayMs = 0;
    try {
      const response = await send(requestOf(url, connection.lastEventId), signal);
      if (!response.ok) delayMs = await temporary(response);
      else {
        for await (const event of messages(response, connection, signal)) {
          failures = 0;
          yield event;
        }
      }
    } catch (error) {
      if (signal?.aborted || error instanceof StampedeError) throw error;
    }
    const growing = backoff(failures + 1, { delayMs: connection.reconnectMs, delayMaxMs: RECONNECT_MAX_MS });
    await wait(Math.max(delayMs, connection.reconnectMs) + growing, signal);
  }
}

/** What one connection learns for the next one. */
interface Connection {
  lastEventId: string | undefined;
  reconnectMs: number;
}

function requestOf(url: string, lastEventId: string | undefined): Request {
  const id = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const headers = { accept: 'text/event-stream', ...id };
  return new Request(url, { headers, cache: 'no-store' });
}

/** Returns how long the server wants to be left alone. @throws StampedeError when another attempt would be refused, too */
async function temporary(response: Response): Promise<number> {
  const problem = (await response.json()) as Problem;
  if (!TEMPORARY.has(response.status)) throw new StampedeError(problem);
  return retryAfter(response.headers) ?? 0;
}

/** The events of one connection. It is closed when the caller leaves, when the signal aborts, and when it is silent for too long. */
async function* messages(
  { body }: Response,
  connection: Connection,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventSourceMessage> {
  if (body === null) return;
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (event) => arrived.push(event),
    onRetry(ms) {
      connection.reconnectMs = ms;
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  // Ends a read that waits, as if the stream had ended.
  const close = (): void => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', close, { once: true });
  try {
    for (;;) {
      signal?.throwIfAborted();
      const silence = setTimeout(close, SILENCE_MAX_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const event of arrived.splice(0)) {
        connection.lastEventId = event.id ?? connection.lastEventId;
        yield event;
      }
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', close);
    close();
  }
}
