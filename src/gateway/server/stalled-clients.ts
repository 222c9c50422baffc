import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** A limit is checked so often until it is reached: a client has up to a sixth more. */
const SWEEPS = 6;

interface Progress {
  /** How many bytes had left this process at the last sweep. Undefined: nothing waited then. */
  bytesGone: number | undefined;
  idleSweeps: number;
}

/**
 * Resets the connection of a client that takes nothing of its response for `stalledMs`, whatever the response is: otherwise it keeps the connection,
 * the place among downloads or streams, and what waits for it for as long as it likes. Node has no such limit: the time-out of a socket begins anew with
 * every byte that the client sends, and a response that waits for the database would end with it.
 */
export function resetStalledClients(server: Server, stalledMs: number): void {
  const connections = new Map<Socket, Progress>();
  server.on('connection', (socket) => {
    connections.set(socket, { bytesGone: undefined, idleSweeps: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  const sweeps = setInterval(() => {
    for (const [socket, progress] of connections) {
      const bytesGone = socket.writableLength === 0 ? undefined : socket.bytesWritten - socket.writableLength;
      if (bytesGone === undefined || bytesGone !== progress.bytesGone) {
        progress.bytesGone = bytesGone;
        progress.idleSweeps = 0;
      } else if (++progress.idleSweeps >= SWEEPS) {
        // A mere close would leave up to some megabytes with the kernel, which goes on offering them for minutes.
        socket.resetAndDestroy();
      }
    }
  }, stalledMs / SWEEPS).unref();
  server.once('close', () => clearInterval(sweeps));
}
