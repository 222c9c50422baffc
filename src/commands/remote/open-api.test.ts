import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { apiWith } from './open-api.ts';
import { ApiRefusal } from './problem.ts';

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

test('a request has the key, the customer, the query and the body', async () => {
  const seen: IncomingMessage[] = [];
  let body = '';
  const url = await serve(async (request, response) => {
    seen.push(request);
    for await (const chunk of request) body += chunk;
    response.setHeader('content-type', 'application/json').end('{"status":"USED"}');
  });
  const sent = { query: { mode: 'fast' }, json: { orderId: '7' }, asUser: '42' };
  const response = await apiWith(url, { apiKey: 'secret' }).call('POST', '/api/v1/coupons/1/use', sent);
  expect(await response.json()).toEqual({ status: 'USED' });
  expect([seen[0]?.method, seen[0]?.url, body]).toEqual(['POST', '/api/v1/coupons/1/use?mode=fast', '{"orderId":"7"}']);
  expect(seen[0]?.headers).toMatchObject({ 'x-api-key': 'secret', 'x-user-id': '42', 'accept-language': 'en' });
});

test('a request is sent again with the same key when its connection breaks', async () => {
  const keys: unknown[] = [];
  const url = await serve((request, response) => {
    keys.push(request.headers['idempotency-key']);
    if (keys.length === 1) request.socket.destroy();
    else response.writeHead(204).end();
  });
  await apiWith(url, { apiKey: 'secret' }).call('POST', '/api/v1/points/earn', { json: {} });
  expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
});

test('a file is sent once, as a stream', async () => {
  let times = 0;
  let received = '';
  const url = await serve(async (request, response) => {
    times += 1;
    for await (const chunk of request) received += chunk;
    response.writeHead(503, { 'content-type': 'text/plain' }).end();
  });
  const csv = new Blob(['userId\n7\n']).stream() as ReadableStream<Uint8Array>;
  const refused = apiWith(url, { apiKey: 'secret' }).call('POST', '/api/v1/x.csv', { csv });
  await expect(refused).rejects.toMatchObject({ status: 503, code: 'UNEXPECTED_RESPONSE' });
  expect([times, received]).toEqual([1, 'userId\n7\n']);
});

test('a key is not sent where a redirect leads', async () => {
  const keys: unknown[] = [];
  const other = await serve((request, response) => {
    keys.push(request.headers['x-api-key']);
    response.end('{}');
  });
  const url = await serve((_request, response) => response.writeHead(302, { location: other.href }).end());
  const refused = apiWith(url, { apiKey: 'secret' }).call('GET', '/api/v1/stores');
  await expect(refused).rejects.toMatchObject({ status: 302, code: 'UNEXPECTED_RESPONSE' });
  expect(keys).toEqual([]);
});

test('a response that is none of Stampede is an ApiRefusal', async () => {
  const url = await serve((_request, response) => response.writeHead(404).end('<html>'));
  const refused = await apiWith(url)
    .call('GET', '/api/v1/stores')
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiRefusal);
  expect((refused as ApiRefusal).message).toContain('Is --url the address of a Stampede server?');
});
