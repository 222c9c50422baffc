// @module-tag process
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { type Role, validFor } from '../../src/platform/http/access-token.ts';
import { type CallOptions, call, configOf, policyBody, until } from '../attacks/support.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

/** A proxy before PostgreSQL. When cut, it refuses connections and closes the open ones. */
function proxyTo(target: { readonly host: string; readonly port: number }) {
  const sockets = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connect(target);
    for (const socket of [inbound, outbound]) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          inbound.destroy();
          outbound.destroy();
        });
    }
    inbound.pipe(outbound).pipe(inbound);
  });
  let port = 0;
  return {
    async open(): Promise<number> {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      return port;
    },
    async cut(): Promise<void> {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

let database: TestDatabase;
let server: Server;
let proxy: ReturnType<typeof proxyTo>;
beforeAll(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  proxy = proxyTo({ host: url.hostname, port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(await proxy.open());
  server = await startServer(configOf(url.href, { rateLimit: true }));
});
afterAll(async () => {
  await server.stop();
  await proxy.cut();
  await database.drop();
});

const token = (userId: string, role: Role = 'CUSTOMER'): string => {
  return server.tokens.sign({ sub: userId, role, ...validFor(900, Date.now()) });
};
const ask = (method: string, path: string, options: CallOptions = {}) => call(server.url, method, path, options);

describe('while PostgreSQL is not available', () => {
  it('requests get 503 with Retry-After and without internals while PostgreSQL is not available, and succeed afterwards', async () => {
    const created = await ask('POST', '/api/v1/coupon-policies', { token: token('1', 'ADMIN'), json: policyBody() });
    const policyId: string = created.body.couponPolicyId;
    await ask('POST', `/api/v1/admin/coupon-policies/${policyId}/activate`, { token: token('1', 'ADMIN') });
    await proxy.cut();

    const mine = { token: token('901') };
    const path = `/api/v1/coupons/policies/${policyId}/issue`;
    const answers = [
      await ask('GET', '/api/v1/coupons/users/901', mine),
      await ask('GET', `/api/v1/coupon-policies/${policyId}`),
      await ask('POST', path, mine),
      await ask('POST', path, { ...mine, headers: { 'idempotency-key': 'k' } }),
      await ask('POST', '/api/v1/coupon-policies', { token: token('1', 'ADMIN'), json: policyBody() }),
      await ask('POST', '/api/v1/auth/login', { json: { email: 'a@example.com', password: 'correct horse' } }),
    ];
    for (const { status, headers, body, text } of answers) {
      expect([status, body.code]).toEqual([503, expect.stringMatching(/^(DEPENDENCY_UNAVAILABLE|OVERLOADED)$/)]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(text).not.toMatch(/postgres|database|connect/i);
    }
    expect((await ask('GET', '/readyz')).status).toBe(503);
    expect((await ask('GET', '/healthz')).status).toBe(200);
    // Authentication needs no database.
    expect((await ask('GET', '/api/v1/coupons/users/902', mine)).status).toBe(404);

    await proxy.open();
    await until(async () => (await ask('GET', '/readyz')).status === 200);
    await until(async () => [201, 409].includes((await ask('POST', path, mine)).status));
    expect((await ask('GET', '/api/v1/coupons/users/901', mine)).body.coupons.length).toBe(1);
  });
});
