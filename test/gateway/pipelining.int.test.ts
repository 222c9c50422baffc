import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PIPELINED_MAX } from '../../src/gateway/server/one-at-a-time.ts';
import { openPolicy, type Stage, stage } from '../attacks/support.ts';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on?.stop());

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(on.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true }).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: test\r\n\r\n`;

const inFlight = async (): Promise<number> => {
  const { text } = await on.call('GET', '/metrics');
  return Number(/^stampede_http_in_flight (\d+)$/m.exec(text)?.[1]);
};

it('requests that were sent ahead get their responses in order', async () => {
  const socket = await open();
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  const paths = Array.from({ length: PIPELINED_MAX }, (_, index) => `/no/such/route/${index}`);
  socket.write(paths.map(get).join(''));
  await vi.waitFor(() => expect(received.match(/"instance":"[^"]*"/g)).toHaveLength(paths.length));
  expect(received.match(/\/no\/such\/route\/\d+/g)).toEqual(paths);
  socket.destroy();
});

it('one request of a connection counts as in flight, however many were sent ahead, and too many close it', {
  tags: 'connection',
}, async () => {
  const policyId = await openPolicy(on, { validFrom: '2026-01-01T00:00:00Z' });
  const idle = await inFlight();
  const stream = get(`/api/v1/coupon-policies/${policyId}/stock/stream`);
  const few = await open();
  few.write(stream + get('/healthz').repeat(PIPELINED_MAX));
  const many = await open();
  const isClosed = once(many, 'close');
  many.write(stream + get('/healthz').repeat(300));
  await isClosed;
  expect(await inFlight()).toBe(idle);
  expect(few.destroyed).toBe(false);
  few.destroy();
});

it('a request whose client does not read the response does not count as in flight', async () => {
  const idle = await inFlight();
  const sockets = await Promise.all(Array.from({ length: 20 }, open));
  // More than the buffers of the operating system hold.
  for (const socket of sockets) socket.pause().write(get('/api/openapi.json').repeat(PIPELINED_MAX));
  await vi.waitFor(async () => expect(await inFlight()).toBe(idle));
  for (const socket of sockets) socket.destroy();
});
