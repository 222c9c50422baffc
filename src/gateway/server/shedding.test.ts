import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Admission, Verdict, WaitingRequest } from '../../platform/http/admission.ts';
import { createRouteShare } from '../../platform/http/route-share.ts';
import { EDGE_REFUSALS } from '../problems/problem-codes.ts';
import { shedding } from './shedding.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

/** A server whose admission returns `verdict`, and what it was asked. Paths under /exempt bypass it. */
async function serve(verdict: Verdict) {
  const waiting: WaitingRequest[] = [];
  const entered: (number | undefined)[] = [];
  const shed: string[] = [];
  const refusals: (() => void)[] = [];
  const handled: string[] = [];
  const share = createRouteShare(1);
  const admission: Admission = {
    check: () => verdict,
    wait: (request) => void waiting.push(request),
    enter(arrivedAt) {
      entered.push(arrivedAt);
      return { leave: () => undefined, excludeFromRate: () => undefined };
    },
    tick: () => undefined,
    inFlight: () => 0,
    limit: () => 0,
  };
  const handle: RequestListener = (request, response) => {
    handled.push(request.url ?? '');
    response.end('handled');
  };
  const listener = shedding(
    {
      admission,
      bypasses: (_, path) => path.startsWith('/exempt'),
      shareOf: (_, path) => (path === '/shared' ? share : undefined),
      refusals: EDGE_REFUSALS,
      requestId: (request: IncomingMessage) => String(request.headers['x-request-id'] ?? 'r-1'),
      isDraining: () => false,
      onShed: (reason) => shed.push(reason),
      refusalPacer: {
        schedule: (call) => void refusals.push(call),
        tick: () => undefined,
        flush: () => undefined,
        waiting: () => refusals.length,
      },
    },
    handle,
  );
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, waiting, entered, shed, refusals, handled, share };
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resume) => setTimeout(resume, 5));
};

it('a waiting request is handled when its turn comes, and counts from its arrival', async () => {
  const { url, waiting, entered, handled } = await serve('wait');
  const response = fetch(`${url}/a`);
  await until(() => waiting.length === 1);
  expect(handled).toEqual([]);
  waiting[0]?.start(42);
  expect(await (await response).text()).toBe('handled');
  expect(entered).toEqual([42]);
});

it('a waiting request whose turn does not come in time is refused, at the pace of refusals', async () => {
  const { url, waiting, shed, refusals, handled } = await serve('wait');
  const response = fetch(`${url}/a`);
  await until(() => waiting.length === 1);
  waiting[0]?.refuse('late');
  expect([shed, refusals.length]).toEqual([['late'], 1]);
  refusals[0]?.();
  expect((await response).status).toBe(503);
  expect((await response).headers.get('retry-after')).toBe('1');
  expect(handled).toEqual([]);
});

it('a waiting request is not handled when its client disconnected', async () => {
  const { url, waiting, entered, handled } = await serve('wait');
  const leaving = new AbortController();
  const response = fetch(`${url}/a`, { signal: leaving.signal }).catch(() => 'gone');
  await until(() => waiting.length === 1);
  const closed = new Promise<void>((resolve) => server?.once('connection', () => resolve()));
  leaving.abort();
  expect(await response).toBe('gone');
  // Node has seen the end of that connection once it has answered on another one.
  void fetch(`${url}/exempt`);
  await closed;
  await until(() => handled.length === 1);
  waiting[0]?.start(42);
  expect([entered.length, handled]).toEqual([1, ['/exempt']]);
});

it.each(['wait', 'limit', 'late'] as const)(
  'an exempt request is handled at once although the verdict is %s, however its path is spelled',
  async (verdict) => {
    const { url, waiting, shed } = await serve(verdict);
    for (const path of ['/exempt', '/ex%65mpt?a=b']) expect(await (await fetch(url + path)).text()).toBe('handled');
    expect([waiting.length, shed]).toEqual([0, []]);
  },
);

it('a request of a route whose share is full is refused before it is handled, until another one leaves', async () => {
  const { url, shed, refusals, handled, share } = await serve('start');
  const held = share.enter();
  const refused = fetch(`${url}/shared`);
  await until(() => refusals.length === 1);
  refusals[0]?.();
  expect([(await refused).status, shed, handled]).toEqual([503, ['route'], []]);
  held?.leave();
  expect((await fetch(`${url}/shared`)).status).toBe(200);
});

it('a request with a body of no bytes counts at once, however that is written', async () => {
  const { url, entered } = await serve('start');
  const { port } = new URL(url);
  for (const length of ['0', '00']) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`POST /a HTTP/1.1\r\nhost: test\r\ncontent-length: ${length}\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
  }
  expect(entered).toHaveLength(2);
});
