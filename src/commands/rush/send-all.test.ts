import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { accessTokens } from '../../platform/http/access-token.ts';
import { isOwned, issueProfile } from './coupon/issue-profile.ts';
import type { LoadProfile } from './load-profile.ts';
import { bytesOf, postText } from './requests.ts';
import { sendAll } from './send-all.ts';

const tokens = accessTokens('a secret that only this test knows of', Date.now);

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

const send = (url: URL, users: number, connections: number) => {
  const profile = issueProfile({ url, policyId: '7', users, firstUser: 100n }, tokens, Date.now());
  return sendAll(profile, { urls: [url], connections });
};

/** Issues a coupon for every request, as the real route does: the same user gets the same coupon, with 409. */
function shop(before: (times: number, close: () => void) => number | undefined): RequestListener {
  const coupons = new Map<string, number>();
  let times = 0;
  return (request, response) => {
    const user = tokens.verify(request.headers.authorization?.slice('Bearer '.length) ?? '')?.sub ?? 'nobody';
    const known = coupons.get(user);
    const sequenceNo = known ?? coupons.size + 1;
    coupons.set(user, sequenceNo);
    const status = before(++times, () => request.socket.destroy()) ?? (known === undefined ? 201 : 409);
    if (status === 503) coupons.delete(user);
    const code = status === 409 ? 'COUPON_ALREADY_ISSUED' : 'OVERLOADED';
    const body = JSON.stringify({ ...(status === 201 ? {} : { code }), couponId: `c${sequenceNo}`, sequenceNo });
    response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body);
  };
}

test('sendAll sends one request for each user, with its own token', async () => {
  const url = await serve(shop(() => undefined));
  const { outcomes, unanswered, retries } = await send(url, 200, 8);
  expect(new Set(outcomes.map(({ user }) => user)).size).toBe(200);
  expect(outcomes.every((one) => one.status === 201 && one.attempts === 1)).toBe(true);
  expect({ unanswered, retries }).toEqual({ unanswered: 0, retries: { transport: 0, busy: 0 } });
});

test('sendAll retries after a lost response and gets the coupon', async () => {
  const url = await serve(
    shop((times, close) => {
      if (times % 10 === 0) close();
      return undefined;
    }),
  );
  const { outcomes, unanswered, retries } = await send(url, 100, 4);
  expect(unanswered).toBe(0);
  expect(outcomes.filter(isOwned)).toHaveLength(100);
  expect(outcomes.filter(({ status }) => status === 409).length).toBeGreaterThan(0);
  expect(retries.transport).toBeGreaterThan(0);
});

test('sendAll retries a request that was refused with Retry-After', async () => {
  const url = await serve(shop((times) => (times <= 5 ? 503 : undefined)));
  const { outcomes, retries } = await send(url, 20, 4);
  expect(outcomes.filter(({ status }) => status === 201)).toHaveLength(20);
  expect(retries).toEqual({ transport: 0, busy: 5 });
});

/** Each client requests `/first`, and `/second` when the response was a number. */
const twoSteps = (url: URL, clients: number): LoadProfile<number> => ({
  clients,
  user: (client) => `u${client}`,
  request: (client) => bytesOf(postText(url, { path: '/first', token: '', key: `k${client}` })),
  read: (status, body) => (status === 201 ? Number(body) : undefined),
  follow: ({ step, data, client }) =>
    step === 0 && data !== undefined
      ? bytesOf(postText(url, { path: `/second?of=${data}`, token: '', key: `k${client}` }))
      : undefined,
});

test('sendAll sends follow-up requests, also after broken and closed connections', async () => {
  const seen = new Map<string, number>();
  let times = 0;
  const url = await serve((request, response) => {
    times += 1;
    const key = String(request.headers['idempotency-key']);
    if (request.url === '/first' && key === 'k13') return void response.writeHead(409, { 'content-length': 0 }).end();
    if (request.url !== '/first') seen.set(key, Number(request.url?.split('=')[1]));
    if (times % 7 === 0) return void request.socket.destroy();
    const body = key.slice(1);
    const closing = times % 5 === 0 ? { connection: 'close' } : {};
    response.writeHead(201, { 'content-length': body.length, ...closing }).end(body);
  });
  const { outcomes, unanswered } = await sendAll(twoSteps(url, 40), { urls: [url], connections: 4 });
  expect(unanswered).toBe(0);
  expect(outcomes.filter(({ step }) => step === 0)).toHaveLength(40);
  expect(outcomes.filter(({ step }) => step === 1)).toHaveLength(39);
  expect([...seen].every(([key, of]) => key === `k${of}`)).toBe(true);
  const second = outcomes.filter(({ step }) => step === 1);
  expect(second.every(({ beganMs, firstSentMs }) => beganMs <= firstSentMs)).toBe(true);
});
