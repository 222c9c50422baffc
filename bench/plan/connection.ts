import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fixture } from '../issue/fixture.ts';
import { startSystem } from '../support/system.ts';

/** Opened at once; more would fill the queue of the listening socket. */
const AT_ONCE = 200;
const SETTLE_MS = 3_000;

/** Memory of a process for each connection that has made one request and is kept open. Linux. */
export async function measureConnection(fixture: Fixture, databaseUrl: string, connections: number) {
  const { workDir, jwtSecret } = fixture;
  const child = await startSystem({ workDir, jwtSecret, databaseUrl });
  const sockets: Socket[] = [];
  try {
    const { hostname, port } = new URL(child.url);
    // Some before the first reading: memory that the first requests take once is not that of a connection.
    for (let opened = 0; opened < AT_ONCE; opened++) sockets.push(await used(hostname, Number(port)));
    await sleep(SETTLE_MS);
    const before = residentBytes(child.pid);
    for (let opened = 0; opened < connections; opened += AT_ONCE) {
      sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => used(hostname, Number(port))))));
    }
    await sleep(SETTLE_MS);
    return { nodeBytes: Math.round((residentBytes(child.pid) - before) / connections) };
  } finally {
    for (const socket of sockets) socket.destroy();
    await child.stop();
  }
}

async function used(host: string, port: number): Promise<Socket> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  socket.write(`GET /livez HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
