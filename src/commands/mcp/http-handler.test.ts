import { expect, test } from 'vitest';
import { mcpHttpHandler } from './http-handler.ts';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
};

async function statusOf(headers: Readonly<Record<string, string>>, isLoopback = true, path = '/mcp'): Promise<number> {
  const handler = mcpHttpHandler({ url: new URL('http://127.0.0.1:9'), allowWrites: false, isLoopback });
  const accept = 'application/json, text/event-stream';
  const all = { host: '127.0.0.1:4100', accept, 'content-type': 'application/json', ...headers };
  const body = JSON.stringify(INITIALIZE);
  const { status } = await handler.fetch(
    new Request(`http://127.0.0.1:4100${path}`, { method: 'POST', headers: all, body }),
  );
  await handler.close();
  return status;
}

test('a request over HTTP brings its own credential: an API key or an access token', async () => {
  expect(await statusOf({ 'x-api-key': 'a key' })).toBe(200);
  expect(await statusOf({ authorization: 'Bearer a.token' })).toBe(200);
  expect(await statusOf({})).toBe(401);
  expect(await statusOf({ authorization: 'Basic YTpi' })).toBe(401);
});

test('a page of another site cannot reach tools on this machine', async () => {
  expect(await statusOf({ 'x-api-key': 'a key', origin: 'https://evil.example' })).toBe(403);
  expect(await statusOf({ 'x-api-key': 'a key', host: 'evil.example:4100' })).toBe(403);
  expect(await statusOf({ 'x-api-key': 'a key', host: 'tools.example' }, false)).toBe(200);
});

test('tools are served at one path', async () => {
  expect(await statusOf({ 'x-api-key': 'a key' }, true, '/other')).toBe(404);
});
