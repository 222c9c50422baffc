import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Principal } from './auth/principal.ts';
import { OF_NODE_MAX, OF_PRINCIPAL_MAX, openDownloads } from './downloads.ts';
import { ProblemError } from './problems/problem.ts';

let fastify: FastifyInstance;
let port: number;
let requests: ClientRequest[];

async function* endless(onEnd: () => void): AsyncGenerator<string> {
  try {
    for (;;) yield 'x'.repeat(100_000);
  } finally {
    onEnd();
  }
}

interface Late {
  readonly closed: Promise<unknown>;
  begin(): void;
}

/**
 * Returns how often a request left the count of those in flight, the rows of how many downloads are read no more, and the requests with `?late`, whose
 * downloads the test begins.
 */
async function serve() {
  const seen = { left: 0, ended: 0 };
  const open: Late[] = [];
  const downloads = openDownloads();
  const onEnd = () => {
    seen.ended += 1;
  };
  fastify.setErrorHandler((error, _, reply) => reply.code(error instanceof ProblemError ? 429 : 500).send(error));
  fastify.get<{ Params: { user: string } }>('/:user', async ({ params, url }, reply) => {
    const leave = () => {
      seen.left += 1;
    };
    reply.raw.handledRequest = { leave, excludeFromRate() {} };
    if (url.endsWith('?late')) {
      const { promise, resolve } = Promise.withResolvers<void>();
      open.push({ closed: once(reply.raw, 'close'), begin: resolve });
      await promise;
    }
    const principal: Principal = { userId: BigInt(params.user), role: 'OWNER' };
    return reply.send(downloads.csv(reply, principal, 'codes.csv', endless(onEnd)));
  });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  port = (fastify.server.address() as AddressInfo).port;
  return { seen, open };
}

beforeEach(() => {
  requests = [];
  fastify = Fastify();
});
afterEach(async () => {
  for (const request of requests) request.destroy();
  await fastify.close();
});

/** Resolves with the head of the response. Its body is not read. */
async function begin(user: number): Promise<IncomingMessage> {
  const request = get({ host: '127.0.0.1', port, path: `/${user}`, agent: false });
  request.on('error', () => {});
  requests.push(request);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  return response;
}
const statusOf = async (user: number): Promise<number | undefined> => {
  const { statusCode, socket } = await begin(user);
  socket.destroy();
  return statusCode;
};

test('a download takes no place among the requests in flight, whatever its client reads', async () => {
  const { seen } = await serve();
  await begin(1);
  expect(seen).toEqual({ left: 1, ended: 0 });
});

test('a user has some downloads at the same time, and gets the place of one that has ended', async () => {
  await serve();
  const open = await Promise.all(Array.from({ length: OF_PRINCIPAL_MAX }, () => begin(1)));
  expect(await statusOf(1)).toBe(429);
  expect(await statusOf(2)).toBe(200);
  open[0]?.socket.destroy();
  await expect.poll(() => statusOf(1)).toBe(200);
  for (const { socket } of open) (socket as Socket).resetAndDestroy();
  await expect.poll(async () => (await Promise.all(open.map(() => statusOf(1)))).includes(429)).toBe(false);
});

test('a node has some downloads at the same time, and the place of one that has ended is for another one', async () => {
  await serve();
  const open = await Promise.all(Array.from({ length: OF_NODE_MAX }, (_, user) => begin(user)));
  expect(await statusOf(1_000)).toBe(429);
  open[0]?.socket.destroy();
  await expect.poll(() => statusOf(1_000)).toBe(200);
});

test('a client that has gone before its download begins takes no place', async () => {
  const { open } = await serve();
  for (let each = 0; each < OF_PRINCIPAL_MAX; each++) {
    const gone = get({ host: '127.0.0.1', port, path: '/1?late', agent: false }).on('error', () => {});
    await expect.poll(() => open.length).toBe(each + 1);
    gone.destroy();
    await open[each]?.closed;
    open[each]?.begin();
  }
  expect(await statusOf(1)).toBe(200);
});

test('no more rows are read for a client that has gone', async () => {
  const { seen } = await serve();
  const { socket } = await begin(1);
  expect(seen.ended).toBe(0);
  socket.destroy();
  await expect.poll(() => seen.ended).toBe(1);
});
