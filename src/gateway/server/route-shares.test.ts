import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import type { Admission } from '../../platform/http/admission.ts';
import { httpMetrics } from '../../platform/telemetry/http-metrics.ts';
import { EDGE_REFUSALS } from '../problems/problem-codes.ts';
import { createFastify, DEFAULT_TIMEOUTS } from './fastify.ts';

const SPELLINGS = [
  '/api/v1/auth/login',
  '/api/v1/auth/log%69n',
  '/%61pi/v1/%61uth/login',
  '/api/v1/auth/login?',
  '/api/v1/auth/login?a=%zz',
  '/api/v1/auth/login#a',
  'http://any.example/api/v1/auth/login',
  'HTTPS://user@any.example:1/api/v1/auth/log%69n?a=b',
];

let fastify: FastifyInstance | undefined;
afterEach(() => fastify?.close());

/** A node that is overloaded, so that it refuses what counts among all requests, and has a route with a share of two. */
async function serve() {
  const shed: string[] = [];
  const waiting: (() => void)[] = [];
  const admission: Admission = {
    check: () => 'limit',
    wait: () => undefined,
    enter: () => ({ leave: () => undefined, excludeFromRate: () => undefined }),
    tick: () => undefined,
    inFlight: () => 0,
    limit: () => 0,
  };
  fastify = createFastify({
    log: pino({ level: 'silent' }),
    refusals: EDGE_REFUSALS,
    metrics: httpMetrics(new Registry()),
    timeouts: DEFAULT_TIMEOUTS,
    isDraining: () => false,
    admission,
    onShed: (reason) => shed.push(reason),
    refusalPacer: { schedule: (call) => call(), tick: () => undefined, flush: () => undefined, waiting: () => 0 },
    trust: undefined,
    corsOrigins: [],
    passesRequestIds: false,
  }).fastify;
  fastify.post('/api/v1/auth/login', { config: { inFlightMax: 2 } }, async () => {
    await new Promise<void>((resume) => waiting.push(resume));
    return {};
  });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  const { port } = fastify.server.address() as AddressInfo;

  /** Sends the head of a request and the first byte of its body. */
  async function begin(path: string) {
    const headers = { 'content-type': 'application/json', 'content-length': 2, connection: 'close' };
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path, headers });
    const arrived = once(fastify?.server as NonNullable<typeof fastify>['server'], 'request');
    const response = once(sent, 'response').then(async ([message]: IncomingMessage[]) => ({
      status: message?.statusCode,
      retryAfter: message?.headers['retry-after'],
      code: JSON.parse(await text(message as IncomingMessage)).code,
    }));
    sent.write('{');
    await arrived;
    return { end: () => sent.end('}'), response };
  }
  async function send(path: string) {
    const { end, response } = await begin(path);
    end();
    return response;
  }
  return { shed, waiting, begin, send };
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resume) => setTimeout(resume, 5));
};
const HANDLED = { status: 200, retryAfter: undefined, code: undefined };
const REFUSED = { status: 503, retryAfter: '1', code: 'OVERLOADED' };

it.each(SPELLINGS)('a request for %s counts in the share of its route alone', async (path) => {
  const { shed, waiting, send } = await serve();
  const handled = [send(path), send(path)];
  await until(() => waiting.length + shed.length === 2);
  expect(shed).toEqual([]);
  expect(await send(path)).toEqual(REFUSED);
  expect([waiting.length, shed]).toEqual([2, ['route']]);
  for (const resume of waiting) resume();
  expect(await Promise.all(handled)).toEqual([HANDLED, HANDLED]);
});

it('of requests whose bodies come after many heads, no more than the share are handled, and the others are refused', async () => {
  const { shed, waiting, begin, send } = await serve();
  const begun = [];
  for (let count = 0; count < 5; count++) begun.push(await begin('/api/v1/auth/login'));
  for (const { end } of begun) end();
  await until(() => waiting.length + shed.length === 5);
  expect([waiting.length, shed]).toEqual([2, ['route', 'route', 'route']]);
  for (const resume of waiting) resume();
  const responses = await Promise.all(begun.map(({ response }) => response));
  expect(responses.filter(({ status }) => status === 200)).toEqual([HANDLED, HANDLED]);
  expect(responses.filter(({ status }) => status !== 200)).toEqual([REFUSED, REFUSED, REFUSED]);
  const next = send('/api/v1/auth/login');
  await until(() => waiting.length === 3);
  waiting[2]?.();
  expect(await next).toEqual(HANDLED);
});

it('a request of a route with a share takes no place before its body has arrived', async () => {
  const { waiting, begin, send } = await serve();
  const slow = [await begin('/api/v1/auth/login'), await begin('/api/v1/auth/login')];
  const handled = [send('/api/v1/auth/login'), send('/api/v1/auth/login')];
  await until(() => waiting.length === 2);
  for (const resume of waiting) resume();
  expect(await Promise.all(handled)).toEqual([HANDLED, HANDLED]);
  for (const { end } of slow) end();
  await until(() => waiting.length === 4);
  for (const resume of waiting) resume();
  expect(await Promise.all(slow.map(({ response }) => response))).toEqual([HANDLED, HANDLED]);
});
