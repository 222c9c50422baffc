import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { balancerFile } from '../../tools/cluster/balancer.ts';
import { type ServerProcess, startServe, temporaryDir } from './serve.ts';

const JWT_SECRET = 'rolling-restarts-rolling-restarts-!!';
const tokens = accessTokens(JWT_SECRET, Date.now);
const CLIENTS = 16;
/** Requests that every state of the two nodes serves. */
const BETWEEN = 150;

export interface RollingOptions {
  readonly databaseUrl: string;
  /** The program of haproxy. */
  readonly haproxy: string;
  /** Program of the nodes at first. Default: this version's. */
  readonly from?: string;
}

/**
 * Replaces two nodes behind haproxy one after the other by nodes of this version, while clients request coupons and repeat nothing. Returns what
 * failed, and the policy with the number of coupons that were acknowledged.
 */
export async function rollingRestart({ databaseUrl, haproxy, from }: RollingOptions) {
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
        JWT_SECRET,
        STAMPEDE_RATE_LIMIT: 'off',
        // haproxy asks every 500 ms, and takes a node off after three failed checks.
        SHUTDOWN_DELAY_MS: '4000',
      },
    });
  const { file, text, args } = balancerFile('haproxy', { port, gatewayPorts: ports, directory: dir.path });
  writeFileSync(file, text);
  const nodes = [await start(0, from), await start(1, from)];
  const balancer = spawn(haproxy, args, { stdio: 'ignore' });
  const agent = new Agent({ connections: CLIENTS });
  const url = `http://127.0.0.1:${port}/api/v1`;
  try {
    await expect.poll(() => statusOf(`http://127.0.0.1:${port}/readyz`), { timeout: 20_000 }).toBe(200);
    const policyId = await createPolicy(url);
    const failed: string[] = [];
    let user = 1_000_000;
    let issued = 0;
    let isLoaded = true;
    const load = Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (isLoaded) {
          user += 1;
          const options = { method: 'POST', dispatcher: agent, headers: headersOf(String(user), 'CUSTOMER') } as const;
          await request(`${url}/coupons/policies/${policyId}/issue`, options).then(
            async ({ statusCode, body }) => {
              const content = await body.text();
              if (statusCode === 201) issued += 1;
              else failed.push(`${statusCode} ${content}`);
            },
            (error: Error) => failed.push(error.message),
          );
        }
      }),
    );
    const served = async (): Promise<void> => {
      const before = issued;
      while (issued < before + BETWEEN && failed.length === 0) await sleep(20);
    };
    for (const [index, node] of nodes.entries()) {
      await served();
      expect(await node.end('SIGTERM')).toBe(0);
      await served();
      nodes[index] = await start(index);
      // Until haproxy sends it requests.
      await sleep(2_000);
    }
    await served();
    isLoaded = false;
    await load;
    return { failed, policyId, issued };
  } finally {
    await agent.destroy();
    balancer.kill('SIGKILL');
    if (balancer.exitCode === null && balancer.signalCode === null) await once(balancer, 'exit');
    for (const node of nodes) await node.end('SIGKILL');
    await dir.remove();
  }
}

const headersOf = (user: string, role: 'CUSTOMER' | 'ADMIN') => ({
  authorization: `Bearer ${tokens.sign({ sub: user, role, ...validFor(900, Date.now()) })}`,
  'content-type': 'application/json',
});

const statusOf = (url: string): Promise<number> =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  );

async function createPolicy(url: string): Promise<string> {
  const { statusCode, body } = await request(`${url}/coupon-policies`, {
    method: 'POST',
    headers: headersOf('1', 'ADMIN'),
    body: JSON.stringify({
      name: 'Rolling',
      discountType: 'FIXED_AMOUNT',
      discountValue: 1_000,
      distributionType: 'FIRST_COME',
      maxIssueCount: 1_000_000,
      validDays: 7,
      validFrom: new Date(Date.now() - 60_000).toISOString(),
      validUntil: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  });
  const policy = (await body.json()) as { couponPolicyId: string };
  expect(statusCode, JSON.stringify(policy)).toBe(201);
  return policy.couponPolicyId;
}
