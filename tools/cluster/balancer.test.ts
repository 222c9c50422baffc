import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { balancerFile, programOf } from './balancer.ts';

const haproxy = programOf('haproxy');
/** Longer than the interval of the checks, and less than a gateway waits for its dependencies. */
const READINESS_MS = 1_200;

/** A gateway that responds to the question whether it is ready with `readiness`, and haproxy before it. */
async function withHaproxy(
  readiness: (response: ServerResponse) => void,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const gateway = createServer((request, response) => {
    if (request.url === '/readyz') readiness(response);
    else response.end('served');
  }).listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const directory = mkdtempSync(join(tmpdir(), 'stampede-balancer-'));
  const port = await freePort();
  const gatewayPorts = [(gateway.address() as AddressInfo).port];
  const { file, text, args } = balancerFile('haproxy', { port, gatewayPorts, directory });
  writeFileSync(file, text);
  const child = spawn(haproxy ?? '', [...args], { stdio: 'ignore' });
  try {
    await work(`http://127.0.0.1:${port}/`);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    gateway.closeAllConnections();
    gateway.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const served = async (url: string): Promise<readonly unknown[]> => {
  const response = await fetch(url);
  return [response.status, await response.text()];
};

it.skipIf(haproxy === undefined)(
  'haproxy sends requests to a gateway that takes its time to say that it is ready',
  async () => {
    let checks = 0;
    const slow = (response: ServerResponse) => void setTimeout(() => response.end(() => ++checks), READINESS_MS);
    await withHaproxy(slow, async (url) => {
      // Longer than it takes until a gateway counts as down.
      await expect.poll(() => checks, { timeout: 60_000 }).toBeGreaterThan(4);
      expect(await served(url)).toEqual([200, 'served']);
    });
  },
);

it.skipIf(haproxy === undefined)(
  'haproxy sends requests to a gateway that is not ready when none is, and the client gets what that responds',
  async () => {
    let checks = 0;
    const never = (response: ServerResponse) => void response.writeHead(503).end(() => ++checks);
    await withHaproxy(never, async (url) => {
      await expect.poll(() => checks, { timeout: 60_000 }).toBeGreaterThan(4);
      expect(await served(url)).toEqual([200, 'served']);
    });
  },
);
