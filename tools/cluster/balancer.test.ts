import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { balancerFile, programOf } from './balancer.ts';

const haproxy = programOf('haproxy');
/** Longer than the interval of the checks, and less than a gateway waits for its dependencies. */
const READINESS_MS = 1_200;

it.skipIf(haproxy === undefined)(
  'haproxy sends requests to a gateway that takes its time to say that it is ready',
  async () => {
    let checks = 0;
    const gateway = createServer((request, response) => {
      if (request.url !== '/readyz') return void response.end('served');
      setTimeout(() => response.end(() => ++checks), READINESS_MS);
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const directory = mkdtempSync(join(tmpdir(), 'stampede-balancer-'));
    const port = await freePort();
    const { file, text, args } = balancerFile('haproxy', {
      port,
      gatewayPorts: [(gateway.address() as AddressInfo).port],
      directory,
    });
    writeFileSync(file, text);
    const child = spawn(haproxy ?? '', [...args], { stdio: 'ignore' });
    try {
      // Longer than it takes until a gateway counts as down.
      await expect.poll(() => checks, { timeout: 20_000 }).toBeGreaterThan(4);
      const response = await fetch(`http://127.0.0.1:${port}/`);
      expect([response.status, await response.text()]).toEqual([200, 'served']);
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
      gateway.closeAllConnections();
      gateway.close();
      rmSync(directory, { recursive: true, force: true });
    }
  },
  30_000,
);
