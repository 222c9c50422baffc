import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientOptions, ConnectionError, createClient } from '../src/index.ts';
import { type LocalServer, localServer, sendJson, sendProblem } from './local-server.ts';

/** Signals that follow other signals are held weakly by Node. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

const RETRY = { delayMs: 1 };
const CHARGE = '/api/v1/points/charge';
const STORE = { params: { path: { id: '7' } } };

let server: LocalServer;
afterEach(() => server.stop());

async function clientOf(
  respond: Parameters<typeof localServer>[0],
  options: Partial<ClientOptions> = {},
): Promise<ReturnType<typeof createClient>> {
  server = await localServer(respond);
  return createClient({ baseUrl: server.url, credentials: { apiKey: 'key' }, retry: RETRY, ...options });
}

const keys = () => server.received.map(({ headers }) => headers['idempotency-key']);

const charged = (response: ServerResponse): void => sendJson(response, 201, { status: 'COMPLETED', balance: 500 });

describe('a request without a response', () => {
  it('is repeated with the same key and body when its connection is killed', async () => {
    const client = await clientOf((response, _request, number) => {
      if (number < 3) response.destroy();
      else charged(response);
    });
    const { data } = await client.POST(CHARGE, { body: { amount: 500 } });
    expect(data).toMatchObject({ balance: 500 });
    expect(server.received.map(({ body }) => body)).toEqual(Array(3).fill('{"amount":500}'));
    expect(new Set(keys())).toEqual(new Set([expect.stringMatching(/^[0-9a-f]{32}$/)]));
  });

  it('is repeated when the connection ends within the body of the response', async () => {
    const client = await clientOf((response, _request, number) => {
      if (number > 1) return charged(response);
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': '100' }).write('{"status":');
      setImmediate(() => response.destroy());
    });
    expect((await client.POST(CHARGE, { body: { amount: 500 } })).data).toMatchObject({ balance: 500 });
    expect(new Set(keys()).size).toBe(1);
  });

  it('is repeated when no response arrives in time, also while garbage is collected', async () => {
    const client = await clientOf(
      (response, _request, number) => {
        if (number > 1) charged(response);
        else collectGarbage();
      },
      { timeoutMs: 300 },
    );
    expect((await client.POST(CHARGE, { body: { amount: 500 } })).data).toMatchObject({ balance: 500 });
  });

  it('rejects after the last attempt with the key that takes effect once', async () => {
    const client = await clientOf((response) => void response.destroy(), { retry: { ...RETRY, attempts: 2 } });
    const failure = await client.POST(CHARGE, { body: { amount: 500 } }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({ attempts: 2, idempotencyKey: keys()[0] });
    expect(server.received).toHaveLength(2);
  });

  it('has the key that the caller gives', async () => {
    const client = await clientOf((response, _request, number) =>
      number === 1 ? void response.destroy() : charged(response),
    );
    await client.POST(CHARGE, { params: { header: { 'Idempotency-Key': 'order-17' } }, body: { amount: 500 } });
    expect(keys()).toEqual(['order-17', 'order-17']);
  });

  it('has no key when it is a read, and is repeated', async () => {
    const client = await clientOf((response, _request, number) =>
      number === 1 ? void response.destroy() : sendJson(response, 200, { storeId: '7' }),
    );
    expect((await client.GET('/api/v1/stores/{id}', STORE)).data).toMatchObject({ storeId: '7' });
    expect(keys()).toEqual([undefined, undefined]);
  });
});

describe('a refusal', () => {
  it('is repeated after its Retry-After, and not before', async () => {
    let refusedAtMs: number | undefined;
    const client = await clientOf(
      (response) => {
        const isOver = refusedAtMs !== undefined && performance.now() - refusedAtMs >= 1_000;
        refusedAtMs ??= performance.now();
        if (isOver) charged(response);
        else sendProblem(response, 429, 'RATE_LIMITED', { 'retry-after': '1' });
      },
      { retry: { ...RETRY, attempts: 2 } },
    );
    expect((await client.POST(CHARGE, { body: { amount: 500 } })).data).toMatchObject({ balance: 500 });
    expect(new Set(keys()).size).toBe(1);
  });

  it.each([
    [409, 'IDEMPOTENCY_KEY_IN_USE'],
    [503, 'OVERLOADED'],
  ])('with status %d and a Retry-After is repeated', async (status, code) => {
    const client = await clientOf((response, _request, number) => {
      if (number === 1) sendProblem(response, status, code, { 'retry-after': '0' });
      else charged(response);
    });
    expect((await client.POST(CHARGE, { body: { amount: 500 } })).data).toMatchObject({ balance: 500 });
    expect(server.received).toHaveLength(2);
  });

  it('is returned at once when its Retry-After is longer than the caller wants to wait', async () => {
    const client = await clientOf((response) => sendProblem(response, 429, 'RATE_LIMITED', { 'retry-after': '86400' }));
    const { error, response } = await client.POST(CHARGE, { body: { amount: 500 } });
    expect([error?.code, response.status]).toEqual(['RATE_LIMITED', 429]);
    expect(server.received).toHaveLength(1);
  });

  it.each([
    [410, 'COUPON_SOLD_OUT'],
    [429, 'COUPON_ISSUE_LIMIT_EXCEEDED'],
    [500, 'INTERNAL_ERROR'],
  ])('with status %d and no Retry-After is a decision, which is returned', async (status, code) => {
    const client = await clientOf((response) => sendProblem(response, status, code));
    const options = { params: { path: { policyId: '7' } } };
    const { error } = await client.POST('/api/v1/coupons/policies/{policyId}/issue', options);
    expect(error?.code).toBe(code);
    expect(server.received).toHaveLength(1);
  });

  it('is returned after the last attempt', async () => {
    const client = await clientOf((response) => sendProblem(response, 503, 'OVERLOADED', { 'retry-after': '0' }));
    const { error } = await client.POST(CHARGE, { body: { amount: 500 } });
    expect(error?.code).toBe('OVERLOADED');
    expect(server.received).toHaveLength(4);
  });

  it('of a proxy is a problem, too', async () => {
    const client = await clientOf(
      (response) => response.writeHead(502, 'Bad Gateway', { 'content-type': 'text/html' }).end('<h1>502</h1>'),
      { retry: { ...RETRY, attempts: 2 } },
    );
    const { data, error } = await client.POST(CHARGE, { body: { amount: 500 } });
    expect(data).toBeUndefined();
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', status: 502, title: 'Bad Gateway', instance: CHARGE });
    expect(server.received).toHaveLength(2);
  });

  it('without a body is a problem, too', async () => {
    const client = await clientOf((response) => response.writeHead(404, { 'content-length': '0' }).end());
    const { data, error } = await client.GET('/api/v1/stores/{id}', STORE);
    expect([data, error?.code]).toEqual([undefined, 'UNEXPECTED_RESPONSE']);
  });
});

describe('a signal', () => {
  it('ends a request also when garbage was collected after it was sent', async () => {
    const controller = new AbortController();
    const client = await clientOf(() => {
      collectGarbage();
      setTimeout(() => controller.abort(new Error('the page was left')), 50);
    });
    const call = client.POST(CHARGE, { body: { amount: 500 }, signal: controller.signal });
    await expect(call).rejects.toThrow('the page was left');
  });

  it('ends the delay before another attempt with its reason', async () => {
    const controller = new AbortController();
    const client = await clientOf((response) => {
      sendProblem(response, 503, 'OVERLOADED', { 'retry-after': '10' });
      setTimeout(() => controller.abort(new Error('the page was left')), 50);
    });
    const call = client.POST(CHARGE, { body: { amount: 500 }, signal: controller.signal });
    await expect(call).rejects.toThrow('the page was left');
    expect(server.received).toHaveLength(1);
  });

  it('ends a request that waits for its response', async () => {
    const controller = new AbortController();
    const client = await clientOf(() => controller.abort(new Error('the page was left')));
    const call = client.POST(CHARGE, { body: { amount: 500 }, signal: controller.signal });
    await expect(call).rejects.toThrow('the page was left');
    expect(server.received).toHaveLength(1);
  });
});

it('a client for a user names that user in every request', async () => {
  const client = await clientOf((response) => sendJson(response, 200, {}), { language: 'ko' });
  await client.forUser('ext:shop:ada').GET('/api/v1/stores/{id}', STORE);
  await client.GET('/api/v1/stores/{id}', STORE);
  const [forUser, own] = server.received.map(({ headers }) => headers);
  expect(forUser).toMatchObject({ 'x-user-id': 'ext:shop:ada', 'x-api-key': 'key', 'accept-language': 'ko' });
  expect(own?.['x-user-id']).toBeUndefined();
});
