// @module-tag process
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { responseReader } from '../../src/commands/rush/response-reader.ts';
import { LATE_MS, LIMIT_MIN, TICK_MS } from '../../src/platform/http/admission.ts';
import { openPolicy, type Stage, stage } from '../attacks/support.ts';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on?.stop());

interface Sent {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}

/** The page of all metrics is larger than what a rush reads. */
const RESPONSE_BYTES_MAX = 2 ** 20;

/** An open connection: its next request is in the server's socket as soon as it is written. */
async function openLine() {
  const { hostname, port } = new URL(on.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const line = {
    send(method: string, path: string, token: string | undefined): Promise<Sent> {
      const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`;
      const read = responseReader(RESPONSE_BYTES_MAX);
      const { promise, resolve, reject } = Promise.withResolvers<Sent>();
      socket.removeAllListeners('data').on('data', (chunk) => {
        const answer = read(chunk);
        if (answer) resolve(answer);
      });
      socket.once('error', reject);
      socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: test\r\n${authorization}idempotency-key: key\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
      );
      return promise;
    },
    end: () => socket.destroy(),
  };
  // The server has accepted the connection once it has responded.
  await line.send('GET', '/healthz', undefined);
  return line;
}

type Request = readonly [method: string, path: string, token?: string];

/** Requests that memory cannot refuse: each waits for PostgreSQL, whose results cannot be read in the turn of the event loop that reads these. */
const FULL_BATCH: readonly Request[] = Array.from({ length: LIMIT_MIN }, () => ['GET', '/api/v1/coupon-policies']);

/** Sends requests, then blocks the event loop that the server runs in before it can read them. They are read in their order. */
async function sendWhileBlocked(requests: readonly Request[]): Promise<readonly Sent[]> {
  const lines = await Promise.all(requests.map(openLine));
  const answers = requests.map(([method, path, token], index) => lines[index]?.send(method, path, token));
  const until = performance.now() + LATE_MS + 200;
  while (performance.now() < until);
  const sent = await Promise.all(answers);
  for (const line of lines) line.end();
  return sent as Sent[];
}

/** The same after two full batches, whose requests all get 200. */
async function sendBehindFullBatch(requests: readonly Request[]): Promise<readonly Sent[]> {
  const sent = await sendWhileBlocked([...FULL_BATCH, ...requests]);
  expect(sent.slice(0, LIMIT_MIN).every(({ status }) => status === 200)).toBe(true);
  return sent.slice(LIMIT_MIN);
}

const metric = async (series: string): Promise<number> => {
  const { text } = await on.call('GET', '/metrics');
  const line = text.split('\n').find((line) => line.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1));
};

it('a node refuses requests that waited behind two full batches while its event loop was blocked with 503 and Retry-After, and counts them', async () => {
  const customer = on.token('1001');
  const before = await metric('stampede_http_shed_total{reason="late"}');
  const answers = await sendBehindFullBatch([
    ['POST', '/api/v1/coupons/policies/1/issue', customer],
    ['POST', '/api/v1/orders', customer],
    ['POST', '/api/v1/time-sales/1/orders', customer],
    ['POST', '/api/v1/points/charge', customer],
    ['GET', '/api/v1/orders?limit=10', customer],
    ['GET', '/api/v1/coupon-policies'],
    ['GET', '/no/such/route'],
  ]);
  for (const { status, body, retryAfterMs } of answers) {
    expect(status).toBe(503);
    expect(retryAfterMs).toBe(1_000);
    expect(JSON.parse(body)).toMatchObject({ code: 'OVERLOADED', status: 503, requestId: expect.any(String) });
  }
  expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ instance: '/api/v1/coupons/policies/1/issue' });
  expect(await metric('stampede_http_shed_total{reason="late"}')).toBe(before + answers.length);
});

it('an overloaded node admits requests that continue a checkout', async () => {
  const [customer, service, admin] = [on.token('1001'), on.token('1', 'SERVICE', 'admin'), on.token('1', 'ADMIN')];
  const answers = await sendBehindFullBatch([
    ['GET', '/healthz'],
    ['GET', '/readyz'],
    ['GET', '/metrics'],
    ['POST', '/api/v1/payments/webhook'],
    ['POST', '/api/v1/payments', customer],
    ['POST', '/api/v1/orders/1/cancel', customer],
    ['POST', '/api/v1/orders/1/refund', admin],
    ['POST', '/api/v1/points/cancel', customer],
    ['POST', '/api/v1/coupons/reservations/1/confirm', service],
    ['POST', '/api/v1/coupons/reservations/1/extend', service],
    ['DELETE', '/api/v1/coupons/apply/1', customer],
    ['POST', '/api/v1/coupons/1/use', customer],
    ['POST', '/api/v1/coupons/1/cancel', admin],
    ['POST', '/api/v1/coupons/1/restore', service],
    ['POST', '/api/coupons/reservations/1/confirm?userId=1', service],
  ]);
  expect(answers.map(({ status }) => status)).not.toContain(503);
});

it('an idle node whose event loop was blocked admits a request', async () => {
  const [answer] = await sendWhileBlocked([['GET', '/api/v1/coupon-policies']]);
  expect(answer?.status).toBe(200);
});

it('a node admits requests at once after its event loop was blocked', async () => {
  const [refused] = await sendBehindFullBatch([['GET', '/api/v1/coupon-policies']]);
  expect(refused?.status).toBe(503);
  await sleep(4 * TICK_MS);
  const line = await openLine();
  expect((await line.send('GET', '/api/v1/products', undefined)).status).toBe(200);
  line.end();
});

it('a request whose body has not arrived does not count as in flight', async () => {
  const { hostname, port } = new URL(on.url);
  const sockets = Array.from({ length: LIMIT_MIN }, () => connect({ host: hostname, port: Number(port) }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const head = `POST /api/v1/points/charge HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n`;
  for (const socket of sockets) socket.write(head);
  const line = await openLine();
  await line.send('GET', '/healthz', undefined);
  expect(await metric('stampede_http_in_flight')).toBeLessThan(LIMIT_MIN);
  expect((await line.send('GET', '/api/v1/products', undefined)).status).toBe(200);
  for (const socket of sockets) socket.destroy();
  line.end();
});

it('a request counts as in flight until its response', async () => {
  const line = await openLine();
  await line.send('POST', '/api/v1/points/charge', on.token('1001'));
  line.end();
  // The request for the metrics itself. A response can be here a moment before its request is counted off.
  await vi.waitFor(async () => expect(await metric('stampede_http_in_flight')).toBe(1));
});

it('a request whose client disconnected counts as in flight until its handler is done', async () => {
  const policyId = await openPolicy(on, { validFrom: '2026-01-01T00:00:00Z' });
  const lockHolder = new pg.Client({ connectionString: on.database.url });
  await lockHolder.connect();
  const idle = await metric('stampede_http_in_flight');
  await lockHolder.query('begin');
  await lockHolder.query('select 1 from coupon.coupon_policies where id = $1 for no key update', [policyId]);
  const line = await openLine();
  void line.send('POST', `/api/v1/coupons/policies/${policyId}/issue`, on.token('1001')).catch(() => undefined);
  await vi.waitFor(async () => expect(await metric('stampede_http_in_flight')).toBe(idle + 1));
  line.end();
  await sleep(200);
  expect(await metric('stampede_http_in_flight')).toBe(idle + 1);
  await lockHolder.query('rollback');
  await lockHolder.end();
  await vi.waitFor(async () => expect(await metric('stampede_http_in_flight')).toBe(idle));
});
