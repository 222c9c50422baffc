// Connections to PostgreSQL that neither respond nor close: a host that lost power, a network partition, a frozen balancer.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { call, configOf, policyBody, until } from '../attacks/support.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';

let database: TestDatabase;
let proxy: PostgresProxy;
let server: Server;
let policyId: string;
beforeAll(async () => {
  database = await testDatabase();
  proxy = await postgresProxy(database.programUrl);
  server = await startServer(configOf(proxy.url));
  const created = await ask('POST', 'coupon-policies', '1', 'ADMIN', policyBody());
  policyId = created.body.couponPolicyId;
});
afterAll(async () => {
  proxy.restore();
  await server.stop();
  await proxy.close();
  await database.drop();
});

function ask(method: string, path: string, sub: string, role: 'ADMIN' | 'CUSTOMER', json?: unknown) {
  const iat = Math.floor(Date.now() / 1000);
  const token = server.tokens.sign({ sub, role, iat, exp: iat + 900 });
  return call(server.url, method, `/api/v1/${path}`, json === undefined ? { token } : { token, json });
}
const issue = (user: number) => ask('POST', `coupons/policies/${policyId}/issue`, String(user), 'CUSTOMER');
const read = (user: number) => ask('GET', `coupons/users/${user}`, String(user), 'CUSTOMER');
const readiness = async () => (await call(server.url, 'GET', '/readyz')).status;

/** Commands and reads, some of them while a connection is silent and before anything has noticed it. */
async function statusesOf(first: number): Promise<ReadonlySet<number>> {
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

it(
  'every request is answered while old connections are silent, and soon they are replaced',
  async () => {
    expect((await issue(10)).status).toBe(201);
    proxy.silence();
    const statuses = await statusesOf(100);
    expect([...statuses].every((status) => [200, 201, 503].includes(status))).toBe(true);
    expect((await issue(999)).status).toBe(201);
    await until(async () => (await readiness()) === 200);
  },
  ANSWER_LIMIT_MS + 30_000,
);

it(
  'every request is answered while nothing passes at all, readiness says so, and everything is back afterwards',
  async () => {
    await Promise.all([issue(20), read(20)]);
    proxy.silence('unreachable');
    expect(await readiness()).toBe(503);
    expect(await statusesOf(200)).toEqual(new Set([503]));
    proxy.restore();
    await until(async () => (await issue(1_000)).status === 201);
    await until(async () => (await readiness()) === 200);
  },
  ANSWER_LIMIT_MS + 30_000,
);
