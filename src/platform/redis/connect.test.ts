import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { connect } from './connect.ts';
import type { RedisTopology } from './redis-url.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

const TOPOLOGIES: readonly RedisTopology[] = [
  { kind: 'SINGLE' },
  { kind: 'SENTINEL', master: 'stampede' },
  { kind: 'CLUSTER' },
];

it.each(TOPOLOGIES)(
  'connections of $kind to a server that accepts them and is silent end when they are abandoned',
  async (topology) => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
      // Later than the connection: the client has its socket.
      socket.once('data', () => silent.emit('asked'));
    }).listen(0, '127.0.0.1');
    undo.push(() => {
      silent.close();
      for (const socket of sockets) socket.destroy();
    });
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const attempt = connect({
      topology,
      hosts: [{ host: '127.0.0.1', port }],
      user: undefined,
      password: undefined,
      database: 0,
      tls: undefined,
      onError: () => {},
    });
    attempt.connected.catch(() => {});
    await once(silent, 'asked');
    attempt.abandon();
    await expect.poll(() => sockets.size, { timeout: 60_000 }).toBe(0);
  },
);
