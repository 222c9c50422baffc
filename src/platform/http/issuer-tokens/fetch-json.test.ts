import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchJson } from './fetch-json.ts';

const RESPONSES: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  '/good': (response) => response.end('{"keys":[]}'),
  '/huge': (response) => response.end(`{"more":"${'x'.repeat(5_000_000)}"}`),
  '/endless': (response) => {
    const timer = setInterval(() => response.write('x'.repeat(100_000)), 1);
    response.once('close', () => clearInterval(timer));
  },
  '/html': (response) => response.end('<html>'),
  '/missing': (response) => response.writeHead(404).end('not here'),
  '/moved': (response) => response.writeHead(302, { location: '/good' }).end(),
  '/silent': () => {},
  '/stuck': (response) => response.write('{"keys":['),
};
const server = createServer((request, response) => {
  response.on('error', () => {});
  RESPONSES[request.url ?? '']?.(response);
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('a document of an issuer', () => {
  it('a document of an issuer is read when it is JSON', async () => {
    expect(await fetchJson(`${url}/good`)).toEqual({ keys: [] });
  });

  it.each([
    ['/huge', 'has more than 262144 bytes'],
    ['/endless', 'has more than 262144 bytes'],
    ['/html', 'JSON'],
    ['/missing', 'status 404'],
    ['/moved', 'status 302'],
    ['/silent', 'timeout'],
    ['/stuck', 'timeout'],
  ])(
    'a document of an issuer that is too large, late or wrong is not kept, and its failure ends nothing else: %s',
    async (path, message) => {
      await expect(fetchJson(url + path, 200)).rejects.toThrow(message);
      // An error that nothing handles would fail the file.
      await sleep(20);
    },
  );
});
