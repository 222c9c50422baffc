import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A client that goes on sending after its response gets this long to read it. */
const LINGER_MS = 2_000;

/**
 * Has a body of the request not arrived completely? Such a connection cannot be kept alive: a client that stops sending when it sees the
 * response would have its next request read as the rest of the body.
 *
 * @param longerThan bodies of known length up to this many bytes do not count
 */
export function hasUnreadBody({ complete, headers }: IncomingMessage, longerThan = 0): boolean {
  if (complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > longerThan;
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
