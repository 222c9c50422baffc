import { gunzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import type { PageServer } from '../http/page-server.ts';
import { metricsPage } from './metrics-page.ts';
import { metricsServer } from './metrics-server.ts';

const TEXT = '# HELP a b\n'.repeat(10_000);
const SOURCE = { contentType: Registry.PROMETHEUS_CONTENT_TYPE, metrics: async () => TEXT };

it.each([
  ['gzip', true],
  ['deflate, gzip;q=0.5', true],
  ['gzip;q=0', false],
  ['gzip; q=0.0, br', false],
  ['identity', false],
  [undefined, false],
])('Accept-Encoding %s: the page is compressed: %s', async (acceptEncoding, isGzip) => {
  const { headers, body } = await metricsPage(SOURCE)(acceptEncoding);
  expect(headers).toEqual({
    'content-type': SOURCE.contentType,
    vary: 'accept-encoding',
    ...(isGzip && { 'content-encoding': 'gzip' }),
  });
  expect(isGzip ? gunzipSync(body).toString() : body).toBe(TEXT);
});

it('readers of one collection share its compression', async () => {
  const read = metricsPage(SOURCE);
  const [first, second] = await Promise.all([read('gzip'), read('gzip')]);
  expect(first.body).toBe(second.body);
});

let server: PageServer | undefined;
afterEach(() => server?.close());

it('the server of METRICS_PORT compresses the page for a client that accepts gzip', async () => {
  server = await metricsServer(SOURCE, 0, '127.0.0.1');
  const read = (encoding: string) =>
    fetch(`http://127.0.0.1:${server?.port}/metrics`, { headers: { 'accept-encoding': encoding } });
  const compressed = await read('gzip');
  expect(compressed.headers.get('content-encoding')).toBe('gzip');
  expect(await compressed.text()).toBe(TEXT);
  const plain = await read('identity');
  expect(plain.headers.get('content-encoding')).toBe(null);
  expect(await plain.text()).toBe(TEXT);
});
