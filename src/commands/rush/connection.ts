import { connect } from 'node:net';
import { type HttpResponse, responseReader } from './response-reader.ts';

export interface ConnectionEvents {
  /** Connected and free. */
  open(): void;
  response(response: HttpResponse): void;
  /** Called once when the connection is closed or broken, also when it never opened. */
  closed(): void;
}

export interface Connection {
  /** Writes one request. The caller waits for the response before the next one. */
  send(request: Uint8Array): void;
  /** Cuts it; `closed` follows. */
  cut(): void;
}

/**
 * One keep-alive connection over a plain socket. The client shares two cores with the server, so what it costs is taken
 * from what it measures. 100,000 requests over 512 connections against a bare Fastify took 20 to 26 us of CPU each this way,
 * and 35 to 47 us with undici's dispatch (bench/rush-client/run.ts measures both again).
 */
export function openConnection(url: URL, events: ConnectionEvents): Connection {
  const socket = connect({ host: url.hostname, port: Number(url.port || 80), noDelay: true });
  const read = responseReader();
  socket.on('connect', events.open);
  socket.on('data', (chunk: Buffer) => {
    try {
      const response = read(chunk);
      if (response === undefined) return;
      if (response.closes) socket.destroy();
      events.response(response);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.on('close', events.closed);
  return { send: (request) => void socket.write(request), cut: () => void socket.destroy() };
}
