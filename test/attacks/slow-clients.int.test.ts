import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, type Stage, stage, testUsers } from './support.ts';

let on: Stage;
const testUser = testUsers();
let upload: string;
beforeAll(async () => {
  on = await stage();
  upload = `/api/v1/coupon-policies/${await openPolicy(on, { distributionType: 'DIRECT' })}/direct-issue.csv`;
});
afterAll(() => on?.stop());

async function open(): Promise<{ readonly socket: Socket; received(): string; readonly closed: Promise<unknown> }> {
  const { hostname, port } = new URL(on.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  return { socket, received: () => text, closed };
}
const head = (path: string, headers: Readonly<Record<string, string>>): string =>
  `POST ${path} HTTP/1.1\r\nHost: test\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;

describe('a request that is refused before its body has arrived', () => {
  const csv = { 'content-type': 'text/csv', 'content-length': '1000000' };
  it.each([
    ['an upload without a token', () => [upload, csv], 401],
    ['an upload of a customer', () => [upload, { ...csv, authorization: `Bearer ${on.token('7')}` }], 403],
    ['a body of a wrong type', () => ['/api/v1/orders', { ...csv, 'content-type': 'text/plain' }], 415],
    [
      'a body over the limit',
      () => ['/api/v1/orders', { 'content-type': 'application/json', 'content-length': '2000000' }],
      413,
    ],
  ] as const)('%s gets its response and a closed connection', { tags: 'upload' }, async (_, request, status) => {
    const { socket, received, closed } = await open();
    const [path, headers] = request() as [string, Record<string, string>];
    socket.write(head(path, headers));
    socket.write('1\n'.repeat(1_000));
    await closed;
    expect(received()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(received().toLowerCase()).toContain('\r\nconnection: close\r\n');
  });

  it('the client gets the response although it goes on sending', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const { socket, received, closed } = await open();
      socket.write(head(upload, { 'content-type': 'text/csv', 'content-length': '50000000' }));
      const chunk = '1234567\n'.repeat(8_192);
      for (let sent = 0; sent < 20 && socket.writable; sent++) {
        socket.write(chunk);
        await sleep(5);
      }
      socket.end();
      await closed;
      expect(received()).toMatch(/^HTTP\/1.1 401 [\s\S]*"reason":"NO_CREDENTIAL"/);
    }
  });

  it('a connection whose body has arrived is kept alive after a refusal', async () => {
    const { socket, received } = await open();
    const refused = head('/api/v1/orders', { 'content-type': 'application/json', 'content-length': '2' });
    socket.write(`${refused}{}`);
    while (!received().includes('requestId')) await sleep(10);
    socket.write('GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n');
    while (!received().includes('"status":"ok"')) await sleep(10);
    expect(received()).toMatch(/^HTTP\/1.1 401 [\s\S]*HTTP\/1.1 200 /);
    socket.destroy();
  });
});

it('docs/attacks.md 71: an upload of a byte a second is cut', async () => {
  const { socket, received, closed } = await open();
  const headers = { authorization: `Bearer ${on.token(testUser(1), 'ADMIN')}`, 'content-type': 'text/csv' };
  socket.write(head(upload, { ...headers, 'content-length': '1000000' }));
  const drip = setInterval(() => socket.write('1'), 1_000);
  try {
    await closed;
  } finally {
    clearInterval(drip);
  }
  expect(received()).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"REQUEST_TIMEOUT"/);
});
