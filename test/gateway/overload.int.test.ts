import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { responseReader } from '../../src/commands/rush/response-reader.ts';
import { BEAT_MS, LATE_MS } from '../../src/platform/http/admission.ts';
import { type Stage, stage } from '../attacks/support.ts';

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

/** A connection that stands: its next request is in the server's socket as soon as it is written. */
async function openLine() {
  const { hostname, port } = new URL(on.server.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const line = {
    send(method: string, path: string, token: string | undefined): Promise<Sent> {
      const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`;
      const read = responseReader();
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
  // The server has accepted the connection once it has answered.
  await line.send('GET', '/healthz', undefined);
  return line;
}

/** Sends requests, then blocks the event loop that the server runs in before it can read them. */
async function sendWhileBlocked(
  requests: readonly (readonly [method: string, path: string, token?: string])[],
): Promise<readonly Sent[]> {
  const lines = await Promise.all(requests.map(openLine));
  const answers = requests.map(([method, path, token], index) => lines[index]?.send(method, path, token));
  const until = performance.now() + LATE_MS + 200;
  while (performance.now() < until);
  const sent = await Promise.all(answers);
  for (const line of lines) line.end();
  return sent as Sent[];
}

const metric = async (series: string): Promise<number> => {
  const { text } = await on.call('GET', '/metrics');
  const line = text.split('\n').find((line) => line.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1));
};

it('refuses requests that waited while the event loop was blocked with 503 and Retry-After, and counts them', async () => {
  const customer = on.token('1001');
  const before = await metric('stampede_http_shed_total{reason="late"}');
  const answers = await sendWhileBlocked([
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

it('goes on with what was begun although the event loop was blocked', async () => {
  const [customer, service, admin] = [on.token('1001'), on.token('1', 'SERVICE'), on.token('1', 'ADMIN')];
  const answers = await sendWhileBlocked([
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
    ['POST', '/api/coupons/reservations/1/confirm?x=1', service],
  ]);
  expect(answers.map(({ status }) => status)).not.toContain(503);
});

it('admits requests at once after the event loop was blocked', async () => {
  await sendWhileBlocked([['GET', '/api/v1/coupon-policies']]);
  await sleep(4 * BEAT_MS);
  const line = await openLine();
  expect((await line.send('GET', '/api/v1/products', undefined)).status).toBe(200);
  line.end();
});
