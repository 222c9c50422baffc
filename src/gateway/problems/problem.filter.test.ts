import type { FastifyReply, FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { COMMON_REFUSALS } from '../../platform/kernel/common-refusals.ts';
import { Unavailable } from '../../platform/kernel/refusal.ts';
import { createLogger } from '../../platform/telemetry/logger.ts';
import { problemSender } from './problem.filter.ts';
import { EDGE_REFUSALS } from './problem-codes.ts';

const away = (cause: string) => new Unavailable('DEPENDENCY_UNAVAILABLE', `${cause} is away`);

const REPLY = {
  raw: {},
  ...Object.fromEntries(['code', 'headers', 'header', 'type', 'send'].map((name) => [name, () => REPLY])),
};

/** Sends problems, and returns the lines of the log. */
function setUp(level: string) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(level, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const send = problemSender({ ...COMMON_REFUSALS, ...EDGE_REFUSALS }, log);
  let requests = 0;
  return {
    lines,
    fail(thrown: unknown, url = '/api/v1/orders') {
      const request = { id: `r-${++requests}`, headers: {}, raw: { url }, routeOptions: { url } };
      send(thrown, request as FastifyRequest, REPLY as unknown as FastifyReply);
    },
  };
}

it('of requests that fail because a dependency is away each route logs the first with its cause, and no more for a minute', () => {
  const { lines, fail } = setUp('info');
  for (let time = 0; time < 100; time++) fail(away('PostgreSQL'));
  fail(away('etcd'), '/api/v1/points');
  expect(lines).toMatchObject([
    {
      msg: 'DEPENDENCY_UNAVAILABLE',
      requestId: 'r-1',
      route: '/api/v1/orders',
      err: { message: 'PostgreSQL is away' },
    },
    { msg: 'DEPENDENCY_UNAVAILABLE', requestId: 'r-101', route: '/api/v1/points', err: { message: 'etcd is away' } },
  ]);
});

it('an overload is logged beside a dependency that is away, and each unexpected error', () => {
  const { lines, fail } = setUp('info');
  fail(away('PostgreSQL'));
  for (let time = 0; time < 2; time++) fail(new Unavailable('OVERLOADED', 'the queue is full'));
  for (let time = 0; time < 2; time++) fail(new Error('a bug'));
  expect(lines.map(({ msg }) => msg)).toEqual(['DEPENDENCY_UNAVAILABLE', 'OVERLOADED', 'unforeseen', 'unforeseen']);
});

it('at the level debug every request that fails because a dependency is away is logged', () => {
  const { lines, fail } = setUp('debug');
  for (let time = 0; time < 3; time++) fail(away('PostgreSQL'));
  expect(lines.map(({ requestId }) => requestId)).toEqual(['r-1', 'r-2', 'r-3']);
});
