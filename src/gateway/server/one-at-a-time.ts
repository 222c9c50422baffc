import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A client may send this many requests ahead of their responses. Browsers and HTTP libraries send none. */
export const PIPELINED_MAX = 16;

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

/**
 * Handles the requests of a connection one after the other. Node hands over every request that it finds in what it has read, 1,500 of
 * them in 64 KB, and keeps the later responses in memory until the earlier ones are sent. Without this one connection fills a node that
 * counts requests in flight. A connection with too many requests ahead is closed.
 */
export function oneAtATime(handle: RequestListener): RequestListener {
  /** The requests that wait, of connections that have one under way. */
  const waiting = new WeakMap<Socket, Exchange[]>();

  function start(socket: Socket, exchange: Exchange): void {
    const [request, response] = exchange;
    response.once('close', () => {
      const next = waiting.get(socket)?.shift();
      if (next === undefined || socket.destroyed) waiting.delete(socket);
      else start(socket, next);
    });
    handle(request, response);
  }

  return (request, response) => {
    const { socket } = request;
    const ahead = waiting.get(socket);
    if (ahead === undefined) {
      waiting.set(socket, []);
      start(socket, [request, response]);
    } else if (ahead.length < PIPELINED_MAX) ahead.push([request, response]);
    else socket.destroy();
  };
}
