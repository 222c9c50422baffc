import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A client may send this many requests ahead of their responses. Browsers and HTTP libraries send none. */
export const PIPELINED_MAX = 16;

declare module 'node:net' {
  interface Socket {
    /** The requests that wait for the response to the one that is handled. Undefined: none is handled. */
    requestsAhead?: Exchange[] | undefined;
  }
}

declare module 'node:http' {
  interface ServerResponse {
    /** The socket, also after its request was destroyed: a stream that ends with an error takes it from the request. */
    exchangeSocket?: Socket;
  }
}

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

/** Of every connection that has one request under way and none behind it. Never written to. */
const NONE_AHEAD: Exchange[] = [];

/**
 * Handles the requests of a connection one after the other. Node hands over every request that it finds in what it has read, 1,500 of
 * them in 64 KB, and keeps the later responses in memory until the earlier ones are sent. Without this one connection fills a node that
 * counts requests in flight. A connection with too many requests ahead is closed.
 */
export function oneAtATime(handle: RequestListener): RequestListener {
  function start(request: IncomingMessage, response: ServerResponse): void {
    response.exchangeSocket = request.socket;
    response.on('close', startNext);
    handle(request, response);
  }

  function startNext(this: ServerResponse): void {
    const socket = this.exchangeSocket;
    if (socket === undefined) return;
    const next = socket.requestsAhead?.shift();
    if (next === undefined || socket.destroyed) socket.requestsAhead = undefined;
    else start(...next);
  }

  return (request, response) => {
    const { socket } = request;
    if (socket.requestsAhead === undefined) {
      socket.requestsAhead = NONE_AHEAD;
      start(request, response);
    } else if (socket.requestsAhead === NONE_AHEAD) socket.requestsAhead = [[request, response]];
    else if (socket.requestsAhead.length < PIPELINED_MAX) socket.requestsAhead.push([request, response]);
    else socket.destroy();
  };
}
