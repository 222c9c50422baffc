import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** Reconnecting clients wait this long, each a random time between: those of a node that stopped do not return all at once. */
const RETRY_MS = { least: 1_000, most: 5_000 };

/** One client's stream of server-sent events. */
export class EventStream {
  readonly #response: ServerResponse;
  /** When something was sent last, by `performance.now()`. */
  sentAtMs = performance.now();

  /** @param response its headers are sent, and its body ends with the connection */
  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /**
   * Written to directly: the response's own `write` frames each event anew, which costs a fifth of sending it (bench/streams). Null while an earlier
   * response of the same connection is not finished, which the client has not waited for.
   */
  get #socket(): Socket | null {
    return this.#response.socket;
  }

  get isClosed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** Does something that was sent still wait in this process, because the client reads slowly? */
  get isBehind(): boolean {
    return this.#response.writableLength > 0;
  }

  /** Sends one or more events, as `eventFrame` encodes them. */
  send(frame: Buffer): void {
    if (this.isClosed) return;
    this.sentAtMs = performance.now();
    (this.#socket ?? this.#response).write(frame);
  }

  /** Does so much wait in this process that no more should be sent until `onceDrained`? For streams that may not skip anything. */
  get isFull(): boolean {
    return this.#socket?.writableNeedDrain ?? true;
  }

  /** Calls `listener` once, when there is room again. Call it once for each time that the stream is full. */
  onceDrained(listener: () => void): void {
    if (this.#socket === null) this.#response.once('socket', () => setImmediate(listener));
    else this.#socket.once('drain', listener);
  }

  /** Calls `listener` once, when the connection has ended, whoever ended it. */
  onceClosed(listener: () => void): void {
    this.#response.once('close', listener);
  }

  end(): void {
    this.#response.end();
  }
}

/** Detaches a reply from the framework and starts a stream of server-sent events. */
export function openEventStream(reply: FastifyReply): EventStream {
  reply.hijack();
  // Streams have their own limit, and one that is open for hours is no measure of load.
  reply.raw.handledRequest?.leave();
  // The body ends with the connection, so that an event needs no frame of its own, and a node that drains waits for no connection.
  reply.raw.removeHeader('transfer-encoding');
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
    // Proxies that buffer would hold events back.
    'x-accel-buffering': 'no',
  });
  closeWhileQueued(reply.raw);
  const retryMs = Math.round(RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least));
  reply.raw.write(`retry: ${retryMs}\n\n`);
  return new EventStream(reply.raw);
}

/** A response that waits for an earlier one of its connection has no socket yet, and emits no `close` when the connection ends before. */
function closeWhileQueued(response: ServerResponse): void {
  if (response.socket !== null) return;
  response.req.socket.once('close', () => {
    if (response.socket !== null) return;
    response.destroy();
    response.emit('close');
  });
}
