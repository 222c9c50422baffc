import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { listProcesses, signal } from '../../src/platform/processes.ts';
import { refusedServe, type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';
import { untilGone, workersOf } from '../support/workers-of.ts';

const JWT_SECRET = 'tests-of-workers-tests-of-workers-!!';
const START_MS = 60_000;
const CLIENTS = 8;
const ENV = { WORKERS: '2', STAMPEDE_RATE_LIMIT: 'off', JWT_SECRET, LOG_LEVEL: 'info', SHUTDOWN_DELAY_MS: '1000' };
const tokens = accessTokens(JWT_SECRET, Date.now);
const headers = (user: string, role: 'CUSTOMER' | 'ADMIN' = 'CUSTOMER') => ({
  authorization: `Bearer ${tokens.sign({ sub: user, role, ...validFor(900, Date.now()) })}`,
  'content-type': 'application/json',
});

describe('stampede serve with two workers', () => {
  const dir = temporaryDir();
  const dataDir = join(dir.path, 'data');
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServe({ dataDir, env: ENV });
  });
  afterAll(async () => {
    await server?.end('SIGKILL');
    await dir.remove();
  });

  /** On a connection of its own, so that either worker may accept it. */
  async function get(path: string): Promise<string> {
    const dispatcher = new Agent();
    try {
      const { statusCode, body } = await request(`${server.url}${path}`, { dispatcher });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${text}`);
      return text;
    } finally {
      await dispatcher.close();
    }
  }
  async function metric(name: string): Promise<number> {
    const lines = (await get('/metrics')).split('\n').filter((line) => line.startsWith(name));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
  const healthRequests = () => metric('stampede_http_requests_total{method="GET",route="/healthz"');
  const workers = () => workersOf(server.pid);
  const untilWorkers = (count: number) =>
    expect.poll(() => metric('stampede_workers '), { timeout: START_MS, interval: 200 }).toBe(count);

  async function createPolicy(maxIssueCount: number): Promise<string> {
    const { statusCode, body } = await request(`${server.url}/api/v1/coupon-policies`, {
      method: 'POST',
      headers: headers('1', 'ADMIN'),
      body: JSON.stringify({
        name: 'Workers',
        discountType: 'FIXED_AMOUNT',
        discountValue: 1_000,
        distributionType: 'FIRST_COME',
        maxIssueCount,
        validDays: 7,
        validFrom: new Date(Date.now() - 60_000).toISOString(),
        validUntil: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    });
    const policy = (await body.json()) as { couponPolicyId: string };
    expect(statusCode, JSON.stringify(policy)).toBe(201);
    return policy.couponPolicyId;
  }

  test('the administrator is created once, and can sign in with the password of the file', async () => {
    const password = readFileSync(join(dataDir, 'admin-password.txt'), 'utf8').trim();
    const { statusCode } = await request(`${server.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'admin@stampede.local', password }),
    });
    expect(statusCode).toBe(200);
    expect(server.output().match(/Stampede is ready/g)).toHaveLength(1);
  });

  test('/metrics of any worker sums all workers, and its counters do not step back when one is killed or stands still', async () => {
    await untilWorkers(2);
    const before = await healthRequests();
    for (let count = 0; count < 40; count++) await get('/healthz');
    const after = await healthRequests();
    expect(after - before).toBe(40);
    expect(await metric('stampede_clock_trusted ')).toBe(1);
    // A worker that is frozen does not count for ever: its event loop stands still, so it is killed.
    for (const end of ['SIGKILL', 'SIGSTOP'] as const) {
      const exits = await metric('stampede_worker_exits_total ');
      const [pid = expect.unreachable()] = workers();
      signal(pid, end);
      await untilGone([pid]);
      await expect.poll(() => metric('stampede_worker_exits_total '), { timeout: START_MS }).toBe(exits + 1);
      expect(await healthRequests()).toBe(after);
      await untilWorkers(2);
    }
  });

  test('a stream of stock sees what any worker issues', async () => {
    const policyId = await createPolicy(10);
    const abort = new AbortController();
    const streams = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const dispatcher = new Agent();
        const { body } = await request(`${server.url}/api/v1/coupons/policies/${policyId}/stock/stream`, {
          dispatcher,
          headers: headers('7'),
          signal: abort.signal,
        });
        return { body, dispatcher };
      }),
    );
    const issued = await request(`${server.url}/api/v1/coupons/policies/${policyId}/issue`, {
      method: 'POST',
      headers: headers('4711'),
    });
    expect(issued.statusCode).toBe(201);
    await issued.body.dump();
    for (const { body, dispatcher } of streams) {
      let text = '';
      for await (const chunk of body) {
        text += chunk;
        if (/"remainingStock":9\b/.test(text)) break;
      }
      expect(text).toMatch(/"remainingStock":9\b/);
      await dispatcher.destroy();
    }
    abort.abort();
  });

  test('workers that are stopped one after the other fail no request', async () => {
    const policyId = await createPolicy(1_000_000);
    const failed: string[] = [];
    let user = 10_000;
    let isLoaded = true;
    // As many connections as requests at a time, so that none is idle: an idle one may be closed at the moment when it is used, which only a client
    // that repeats the request can hide.
    const dispatcher = new Agent({ connections: CLIENTS });
    const load = Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (isLoaded) {
          user += 1;
          const own = headers(String(user));
          await request(`${server.url}/api/v1/coupons/policies/${policyId}/issue`, {
            method: 'POST',
            headers: own,
            dispatcher,
          }).then(
            async ({ statusCode, body }) => {
              const text = await body.text();
              if (statusCode !== 201) failed.push(`${statusCode} ${text}`);
            },
            (error: Error) => failed.push(error.message),
          );
        }
      }),
    );
    for (const pid of workers()) {
      const before = user;
      await expect.poll(() => user, { timeout: START_MS }).toBeGreaterThan(before + 100);
      const exits = await metric('stampede_worker_exits_total ');
      signal(pid, 'SIGTERM');
      // The process is gone a moment before the primary knows it.
      await expect.poll(() => metric('stampede_worker_exits_total '), { timeout: START_MS }).toBe(exits + 1);
      await untilWorkers(2);
    }
    isLoaded = false;
    await load;
    await dispatcher.close();
    expect(failed).toEqual([]);
  });

  test('the address stays the same when all workers crash at once', async () => {
    const before = workers();
    for (const pid of before) signal(pid, 'SIGKILL');
    await untilGone(before);
    await expect.poll(() => get('/readyz'), { timeout: START_MS }).toContain('"ready"');
    await untilWorkers(2);
  });

  test('a second server on the same port is refused in one line', async () => {
    const other = join(dir.path, 'other');
    const { code, output } = await refusedServe({ dataDir: other, env: { ...ENV, PORT: new URL(server.url).port } });
    expect(code).toBe(1);
    expect(output).toMatch(/^stampede: Port \d+ of 127\.0\.0\.1 is in use\.[^\n]*\n$/);
  });

  test('SIGTERM ends all workers and PostgreSQL, with exit code 0', async () => {
    const before = workers();
    expect(before).toHaveLength(2);
    expect(await server.end('SIGTERM')).toBe(0);
    await untilGone(before);
    expect(listProcesses().filter(({ command }) => command.includes(`postgres -D ${dataDir}/`))).toEqual([]);
    expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
  });

  test('workers of a primary that is killed end by themselves', async () => {
    server = await startServe({ dataDir, env: ENV });
    const before = workers();
    expect(before).toHaveLength(2);
    await server.end('SIGKILL');
    await untilGone(before);
  });
});
