import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it, vi } from 'vitest';
import { jobStreams } from './job-streams.ts';

const JOB = { jobId: '1', status: 'RUNNING', total: 10, done: 1 } as const;
const responseOf = (destroyed: boolean) =>
  Object.assign(new EventEmitter(), { destroyed, write: () => true, end: () => {} }) as unknown as ServerResponse;

it('the number of streams counts open ones, and not clients that disconnected before the first event', () => {
  vi.useFakeTimers();
  const streams = jobStreams(() => {});
  const watch = (response: ServerResponse) => streams.watch(JOB, async () => JOB, response);
  for (let count = 0; count < 200; count++) watch(responseOf(true));
  streams.requireRoom();
  const watchers = Array.from({ length: 200 }, () => responseOf(false));
  watchers.forEach(watch);
  expect(() => streams.requireRoom()).toThrow('OVERLOADED');
  watchers[0]?.emit('close');
  streams.requireRoom();
  streams.stop();
  vi.useRealTimers();
});
