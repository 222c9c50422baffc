import { connect } from 'node:net';
import { type HttpAnswer, responseReader } from './response-reader.ts';

export interface ConnectionEvents {
  /** Connected and free. */
  open(): void;
  answer(answer: HttpAnswer): void;
  /** Closed or broken, whatever the reason; comes once, also when it never opened. */
  closed(): void;
}

export interface Connection {
  /** Writes one request. The caller waits for its answer before the next one. */
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
      const answer = read(chunk);
      if (answer === undefined) return;
      if (answer.closes) socket.destroy();
      events.answer(answer);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.on('close', events.closed);
  return { send: (request) => void socket.write(request), cut: () => void socket.destroy() };
}
