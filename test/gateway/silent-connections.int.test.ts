// @module-tag settings
// Connections to PostgreSQL that neither respond nor close: a host that lost power, a network partition, a frozen balancer.
import { setTimeout as sleep } from 'node:timers/promises';
import { it, type TestContext } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { validFor } from '../../src/platform/http/access-token.ts';
import { type Answer, call, configOf, policyBody, until } from '../attacks/support.ts';
import { testDatabase } from '../support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';

interface ProxiedServer {
  readonly proxy: PostgresProxy;
  issue(user: number): Promise<Answer>;
  read(user: number): Promise<Answer>;
  readiness(): Promise<number>;
}

/** A server with a policy, on a database of its own behind a proxy. */
async function proxiedServer(onTestFinished: TestContext['onTestFinished']): Promise<ProxiedServer> {
  const database = await testDatabase();
  const proxy = await postgresProxy(database.programUrl);
  const server = await startServer(configOf(proxy.url));
  onTestFinished(async () => {
    proxy.restore();
    await server.stop();
    await proxy.close();
    await database.drop();
  });
  function ask(method: string, path: string, sub: string, role: 'ADMIN' | 'CUSTOMER', json?: unknown) {
    const token = server.tokens.sign({ sub, role, ...validFor(900, Date.now()) });
    return call(server.url, method, `/api/v1/${path}`, json === undefined ? { token } : { token, json });
  }
  const { couponPolicyId } = (await ask('POST', 'coupon-policies', '1', 'ADMIN', policyBody())).body;
  return {
    proxy,
    issue: (user) => ask('POST', `coupons/policies/${couponPolicyId}/issue`, String(user), 'CUSTOMER'),
    read: (user) => ask('GET', `coupons/users/${user}`, String(user), 'CUSTOMER'),
    readiness: async () => (await call(server.url, 'GET', '/readyz')).status,
  };
}

/** Commands and reads, some of them while a connection is silent and before anything has noticed it. */
async function statusesOf({ issue, read }: ProxiedServer, first: number): Promise<ReadonlySet<number>> {
  const answers: Promise<{ readonly status: number }>[] = [];
  for (let user = first; user < first + 10; user++) {
    answers.push(issue(user), read(user));
    await sleep(100);
  }
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  return new Set(statuses);
}

// The limit for the response to an admitted request, from docs/configuration.md.
const ANSWER_LIMIT_MS = 30_000;

// At once: both wait for the time-outs of the same statements.
it.concurrent(
  'every request gets a response while old connections to PostgreSQL are silent, and these are soon replaced',
  async ({ expect, onTestFinished }) => {
    const server = await proxiedServer(onTestFinished);
    const { proxy, issue, readiness } = server;
    expect((await issue(10)).status).toBe(201);
    proxy.silence();
    const statuses = await statusesOf(server, 100);
    expect([...statuses].every((status) => [200, 201, 503].includes(status))).toBe(true);
    expect((await issue(999)).status).toBe(201);
    await until(async () => (await readiness()) === 200);
  },
  ANSWER_LIMIT_MS + 30_000,
);

it.concurrent(
  'every request gets a response while no packet reaches PostgreSQL, the node is not ready, and it recovers afterwards',
  async ({ expect, onTestFinished }) => {
    const server = await proxiedServer(onTestFinished);
    const { proxy, issue, read, readiness } = server;
    await Promise.all([issue(20), read(20)]);
    proxy.silence('unreachable');
    expect(await readiness()).toBe(503);
    expect(await statusesOf(server, 200)).toEqual(new Set([503]));
    proxy.restore();
    await until(async () => (await issue(1_000)).status === 201);
    await until(async () => (await readiness()) === 200);
  },
  ANSWER_LIMIT_MS + 30_000,
);
