import { expect, it, vi } from 'vitest';
import { StreamClient } from '../../../test/support/stream-client.ts';
import { openEventStream } from './event-stream.ts';
import { jobStreams } from './job-streams.ts';

const JOB = { jobId: '1', status: 'RUNNING', total: 10, done: 1 } as const;

it('the number of streams counts open ones, and not clients that disconnected before the first event', () => {
  vi.useFakeTimers();
  const streams = jobStreams(() => {});
  const watch = (client: StreamClient) => streams.watch(JOB, async () => JOB, openEventStream(client.reply));
  for (let count = 0; count < 200; count++) {
    const gone = new StreamClient();
    gone.destroyed = true;
    watch(gone);
  }
  streams.requireRoom();
  const watchers = Array.from({ length: 200 }, () => new StreamClient());
  watchers.forEach(watch);
  expect(() => streams.requireRoom()).toThrow('OVERLOADED');
  expect(streams.count()).toBe(200);
  watchers[0]?.emit('close');
  expect(streams.count()).toBe(199);
  streams.requireRoom();
  streams.stop();
  vi.useRealTimers();
});
