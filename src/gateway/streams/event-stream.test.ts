import { once } from 'node:events';
import { connect } from 'node:net';
import { fastify } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { eventFrame } from './event-frame.ts';
import { type EventStream, openEventStream } from './event-stream.ts';

const app = fastify();
afterEach(() => app.close());

it('a stream that waits for an earlier response of its connection gets all of its events, and ends with the connection', async () => {
  const slow = Promise.withResolvers<string>();
  const opened = Promise.withResolvers<EventStream>();
  const closed: string[] = [];
  let opens = 0;
  app.get('/slow', () => slow.promise);
  app.get('/never', () => new Promise(() => {}));
  app.get('/stream', (_, reply) => {
    const stream = openEventStream(reply);
    const name = `stream ${++opens}`;
    stream.onceClosed(() => closed.push(name));
    opened.resolve(stream);
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address() ?? '';
  const ask = (first: string) => {
    const socket = connect(typeof address === 'object' ? address.port : 0, '127.0.0.1');
    socket.write(`GET ${first} HTTP/1.1\r\nHost: a\r\n\r\nGET /stream HTTP/1.1\r\nHost: a\r\n\r\n`);
    return socket;
  };

  const client = ask('/slow');
  let received = '';
  client.on('data', (bytes) => {
    received += String(bytes);
  });
  const stream = await opened.promise;
  expect([stream.isFull, stream.isBehind]).toEqual([true, true]);
  stream.send(eventFrame('test', { n: 1 }));
  const room = new Promise<void>((resolve) => stream.onceDrained(resolve));
  slow.resolve('slow');
  await room;
  stream.send(eventFrame('test', { n: 2 }));
  while (!received.includes('"n":2')) await once(client, 'data');
  expect(received).toMatch(
    /slow.*200 OK.*retry: \d+\n\nevent: test\ndata: {"n":1}\n\nevent: test\ndata: {"n":2}\n\n$/s,
  );
  client.destroy();

  const gone = ask('/never');
  await expect.poll(() => opens).toBe(2);
  gone.destroy();
  await expect.poll(() => closed).toEqual(['stream 1', 'stream 2']);
});
