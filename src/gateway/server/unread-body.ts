import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A client that goes on sending after its response gets this long to read it. */
const LINGER_MS = 2_000;

/** Of a body that arrives with its headers or right after them, also of a GET that should have none. Node reads and drops it. */
const SHORT_BODY_BYTES = 64 * 1024;

/**
 * Has a body of the request not arrived completely? Such a connection cannot be kept alive: a client that stops sending when it sees the
 * response would have its next request read as the rest of the body. A short body of known length does not count.
 */
export function hasUnreadBody({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > SHORT_BODY_BYTES;
}

/**
 * Makes the end of a response with `Connection: close` wait for the client. Node would destroy the socket at once, and unread data in it
 * makes the kernel reset the connection: the client would lose the response. What still arrives is read and dropped.
 */
export function lingerAfterResponse(socket: Socket | null): void {
  if (socket === null) return;
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('end', () => socket.destroy());
    socket.once('close', () => clearTimeout(timer));
  };
}
