import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openWire } from './tcp-wire.ts';

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A server that sends back what it gets, behind a wire, and a client that is connected with it. */
async function opened() {
  const server = createServer((socket) => void socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => void server.close());
  const wire = await openWire((server.address() as AddressInfo).port);
  undo.push(wire.close);
  const client: Socket = connect(wire.port, '127.0.0.1');
  undo.push(() => void client.destroy());
  let got = '';
  client.setEncoding('utf8').on('data', (text: string) => {
    got += text;
  });
  const echo = async (text: string): Promise<void> => {
    client.write(text);
    await expect.poll(() => got).toContain(text);
  };
  return { wire, client, echo, got: () => got, port: wire.port };
}

it('a silent wire passes neither bytes nor the end of a connection, and everything in order when it is open again', async () => {
  const { wire, client, echo, got } = await opened();
  await echo('one ');
  wire.set('silent');
  client.write('two ');
  client.write('three ');
  let isClosed = false;
  client.once('close', () => {
    isClosed = true;
  });
  const other = connect(wire.port, '127.0.0.1');
  undo.push(() => void other.destroy());
  other.write('four');
  const [ended] = await Promise.all([
    new Promise((resolve) => setTimeout(resolve, 200, 'waited')),
    once(other, 'connect'),
  ]);
  expect([ended, got(), isClosed]).toEqual(['waited', 'one ', false]);
  wire.set('open');
  const [answer] = (await once(other, 'data')) as [Buffer];
  expect(answer.toString()).toBe('four');
  await expect.poll(got).toBe('one two three ');
});

it('a slow wire delays what passes it, without a change of the order when it is fast again', async () => {
  const { wire, client, echo, got } = await opened();
  await echo('one ');
  wire.set({ delayMs: 150 });
  const sentMs = performance.now();
  client.write('two ');
  await new Promise((resolve) => setTimeout(resolve, 50));
  wire.set('open');
  client.write('three ');
  await expect.poll(got).toBe('one two three ');
  expect(performance.now() - sentMs).toBeGreaterThanOrEqual(149);
});
