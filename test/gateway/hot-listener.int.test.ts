import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPolicy, RUN_NUMBER, type Stage, stage } from '../attacks/support.ts';

let on: Stage;
let issue: string;
beforeAll(async () => {
  on = await stage();
  issue = `/api/v1/coupons/policies/${await openPolicy(on, { validFrom: '2026-01-01T00:00:00Z' })}/issue`;
});
afterAll(() => on?.stop());

const json = { 'content-type': 'application/json' };

/** Ids that the server makes differ. */
const GIVEN_ID = 'given-1';

interface Exchange {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** `isChunked`: the body has no length beforehand, so Fastify reads it. */
function send({ path, method = 'POST', headers = json, body = '{}' }: Exchange, isChunked: boolean) {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  const { hostname, port } = new URL(on.url);
  const framing = isChunked
    ? { 'transfer-encoding': 'chunked' }
    : { 'content-length': String(Buffer.byteLength(body)) };
  const sent = request({ hostname, port, method, path, headers: { ...headers, ...framing } }, async (response) => {
    const text = Buffer.concat(await response.toArray()).toString();
    const { date: _date, 'x-request-id': id, ...others } = response.headers;
    resolve({
      status: response.statusCode,
      headers: others,
      text: text.replace(/"requestId":"[^"]*"/, '"requestId":""'),
    });
  });
  sent.on('error', reject).end(body);
  return promise;
}

const as = (userId: string) => ({ authorization: `Bearer ${on.token(userId)}`, ...json });
const nested = `${'['.repeat(30)}${']'.repeat(30)}`;

const SAME: Readonly<Record<string, () => Exchange>> = {
  'no token': () => ({ path: issue }),
  'a token that was changed': () => ({ path: issue, headers: { ...json, authorization: `Bearer ${on.token('1')}x` } }),
  'an unknown policy': () => ({ path: '/api/v1/coupons/policies/999/issue', headers: as('1') }),
  'an id that is none': () => ({ path: '/api/v1/coupons/policies/x-1/issue', headers: as('1') }),
  'an unknown field': () => ({ path: issue, headers: as('1'), body: '{"other":1}' }),
  'another user named': () => ({ path: issue, headers: as('1'), body: '{"userId":"2"}' }),
  'a parameter of the query': () => ({ path: `${issue}?userId=2`, headers: as('1') }),
  'no idempotency key': () => ({
    path: '/api/v1/points/charge',
    headers: as('1'),
    body: '{"amount":1}',
  }),
  'a body that is compressed': () => ({
    path: issue,
    headers: { ...as('1'), 'content-encoding': 'gzip' },
    body: gzipSync('{"userId":"2"}'),
  }),
  'another content type': () => ({ path: issue, headers: { ...as('1'), 'content-type': 'text/plain' }, body: '{}' }),
  'a body without a content type': () => ({ path: issue, headers: { authorization: `Bearer ${on.token('1')}` } }),
  'Korean, a request id and a trace': () => ({
    path: '/api/v1/coupons/policies/999/issue',
    headers: {
      ...as('1'),
      'accept-language': 'ko',
      'x-request-id': GIVEN_ID,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
  }),
  'another method': () => ({ path: issue, method: 'PUT', headers: as('1'), body: '{}' }),
};

it.each(Object.entries(SAME))('the hot listener responds to a request with %s as Fastify does', async (_, exchange) => {
  const [plain, chunked] = [await send(exchange(), false), await send(exchange(), true)];
  expect(plain).toEqual(chunked);
});

it('the hot listener responds to a request with a body over the limit as Fastify does', {
  tags: 'upload',
}, async () => {
  const large = { path: issue, headers: as('1'), body: JSON.stringify({ text: 'x'.repeat(2 ** 20) }) };
  const [plain, chunked] = [await send(large, false), await send(large, true)];
  expect(plain).toEqual(chunked);
});

it('the hot listener responds to a repeated key as Fastify does', async () => {
  const headers = { ...as('41'), 'idempotency-key': `key-41-${RUN_NUMBER}` };
  const first = await send({ path: issue, headers, body: '{}' }, false);
  const repeats = [
    await send({ path: issue, headers, body: '{}' }, false),
    await send({ path: issue, headers, body: '{}' }, true),
  ];
  expect(first).toMatchObject({ status: 201 });
  expect(repeats[0]).toEqual(repeats[1]);
  expect(repeats[0]).toMatchObject({ text: first['text'], headers: { 'idempotent-replayed': 'true' } });
});

it.each([
  ['is not JSON', '{"amount":'],
  ['is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['is nested too deeply', nested],
  ['has a forbidden key', '{"amount":1,"__proto__":{}}'],
])('the hot listener refuses a body that %s with the same problem as Fastify', async (_, body) => {
  const headers = { ...as('1'), 'idempotency-key': 'key-1' };
  const [plain, chunked] = [
    await send({ path: '/api/v1/points/charge', headers, body }, false),
    await send({ path: '/api/v1/points/charge', headers, body }, true),
  ];
  expect([plain['status'], plain['text']]).toEqual([chunked['status'], chunked['text']]);
  expect(plain['status']).toBe(400);
});

it('the hot listener continues to serve a connection whose earlier request had a body in two parts', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const { hostname, port } = new URL(on.url);
  const headers = { ...as('42'), 'content-length': '2' };
  const sent = request({ hostname, port, method: 'POST', path: issue, headers }, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  sent.on('error', reject).write('{');
  await new Promise((done) => setTimeout(done, 50));
  sent.end('}');
  expect(await promise).toBe(201);
});
