import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that systems give to outgoing connections (from 32768 on Linux): one of those can be taken by any
// connection between this look and the moment when the caller listens.
const FIRST = 20_000;
const END = 32_768;

// From a random start in order: processes that choose at the same time rarely meet, and one process never meets itself.
let next = randomInt(FIRST, END);

/** Returns a port of 127.0.0.1 that is currently free. */
export async function freePort(): Promise<number> {
  for (let tries = FIRST; tries < END; tries++) {
    const port = next;
    next = port + 1 === END ? FIRST : port + 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${FIRST} to ${END - 1} of 127.0.0.1 is free.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
