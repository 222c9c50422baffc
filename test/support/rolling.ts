import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { balancerFile, programOf } from '../../tools/cluster/balancer.ts';
import { LOAD_JWT_SECRET, startIssueLoad } from './issue-load.ts';
import { type ServerProcess, startServe, temporaryDir } from './serve.ts';

export interface RollingOptions {
  readonly databaseUrl: string;
  /** The program of haproxy. */
  readonly haproxy: string;
  /** Program of the nodes at first. Default: this version's. */
  readonly from?: string;
  readonly clients?: number;
  /** How many times both nodes are replaced. */
  readonly times?: number;
  /** Coupons that are issued in every state of the two nodes. */
  readonly between?: number;
}

/** The program of haproxy; undefined, with a line that says so, where there is none. @throws with REQUIRE_CLUSTER=1 */
export function haproxyFor(test: string): string | undefined {
  const haproxy = programOf('haproxy');
  if (haproxy !== undefined) return haproxy;
  if (process.env['REQUIRE_CLUSTER'] === '1') throw new Error(`${test} needs haproxy.`);
  process.stderr.write(`${test} is left out: install haproxy.\n`);
  return undefined;
}

/**
 * Replaces two nodes behind haproxy one after the other by nodes of this version, while clients request coupons and repeat nothing. Returns what
 * failed, and the coupons that were acknowledged with their policy.
 */
export async function rollingRestart(options: RollingOptions) {
  const { databaseUrl, haproxy, from, clients = 16, times = 1, between = 150 } = options;
  const dir = temporaryDir();
  const ports = [await freePort(), await freePort()];
  const port = await freePort();
  const start = (index: number, program?: string): Promise<ServerProcess> =>
    startServe({
      dataDir: join(dir.path, `node-${index}`),
      ...(program === undefined ? {} : { program }),
      env: {
        PORT: String(ports[index]),
        DATABASE_URL: databaseUrl,
        JWT_SECRET: LOAD_JWT_SECRET,
        STAMPEDE_RATE_LIMIT: 'off',
        // haproxy asks every 500 ms, and takes a node off after three failed checks.
        SHUTDOWN_DELAY_MS: '4000',
      },
    });
  const { file, text, args } = balancerFile('haproxy', { port, gatewayPorts: ports, directory: dir.path });
  writeFileSync(file, text);
  const nodes = [await start(0, from), await start(1, from)];
  const balancer = spawn(haproxy, args, { stdio: 'ignore' });
  try {
    await expect.poll(() => statusOf(`http://127.0.0.1:${port}/readyz`), { timeout: 60_000 }).toBe(200);
    const load = await startIssueLoad({ url: `http://127.0.0.1:${port}/api/v1`, clients });
    const { policyId, failed, acknowledged } = load;
    try {
      for (let replaced = 0; replaced < 2 * times && failed.length === 0; replaced++) {
        const index = replaced % 2;
        await load.served(between);
        expect(await nodes[index]?.end('SIGTERM')).toBe(0);
        await load.served(between);
        const started = await start(index);
        nodes[index] = started;
        // haproxy has seen that it is ready: the other one may stop.
        await expect.poll(() => hasIssued(started.url), { timeout: 60_000 }).toBe(true);
      }
      await load.served(between);
    } finally {
      await load.stop();
    }
    return { failed, policyId, acknowledged };
  } finally {
    balancer.kill('SIGKILL');
    if (balancer.exitCode === null && balancer.signalCode === null) await once(balancer, 'exit');
    for (const node of nodes) await node.end('SIGKILL');
    await dir.remove();
  }
}

const hasIssued = async (url: string): Promise<boolean> =>
  /^stampede_http_requests_total\{.*\/issue".*status="201"/m.test(await (await fetch(`${url}/metrics`)).text());

const statusOf = (url: string): Promise<number> =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
