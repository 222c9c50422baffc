import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Requests that were sent before the listener closed may still be in the socket. */
const ARRIVING_MS = 100;
/** A client that neither sends nor reads delays shutdown by this long; then its connection is cut. */
const CONNECTIONS_MS = 2_000;
const POLL_MS = 50;

/**
 * Closes the listener first and the connections later. http.Server.close() would cut every connection that looks idle, also
 * one whose request has arrived and is not read yet: its client would see a reset. Afterwards connections fall idle as
 * their responses are sent, and only this server would close them before their keep-alive ends.
 */
export async function closeConnections(server: Server, close: () => Promise<void>): Promise<void> {
  NetServer.prototype.close.call(server);
  await sleep(ARRIVING_MS);
  const idle = setInterval(() => server.closeIdleConnections(), POLL_MS);
  const all = setTimeout(() => server.closeAllConnections(), CONNECTIONS_MS);
  await close().finally(() => {
    clearInterval(idle);
    clearTimeout(all);
  });
}
