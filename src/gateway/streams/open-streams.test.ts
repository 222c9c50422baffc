import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StreamClient } from '../../../test/support/stream-client.ts';
import { HEARTBEAT } from './event-frame.ts';
import { type OpenStreams, openStreams } from './open-streams.ts';

let open: OpenStreams;
beforeEach(() => {
  vi.useFakeTimers();
  open = openStreams();
});
afterEach(() => {
  open.stop();
  vi.useRealTimers();
});

it('a stream on which nothing happens gets a comment every 15 s', async () => {
  const client = new StreamClient();
  open.open(client.reply);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(client.events()).toEqual([String(HEARTBEAT), String(HEARTBEAT)]);
});

it('a stream whose client reads slowly gets no comment', async () => {
  const client = new StreamClient();
  client.isStuck = true;
  open.open(client.reply)?.send(Buffer.alloc(100));
  await vi.advanceTimersByTimeAsync(31_000);
  expect(client.events()).toHaveLength(1);
});

it('streams end when the node drains, and a new one ends at once', async () => {
  const clients = Array.from({ length: 200 }, () => new StreamClient());
  for (const client of clients) open.open(client.reply);
  open.stop();
  await vi.advanceTimersByTimeAsync(0);
  await vi.runAllTimersAsync();
  expect(clients.every((client) => client.writableEnded)).toBe(true);
  expect(() => open.requireRoom()).toThrow('OVERLOADED');
  const late = new StreamClient();
  open.open(late.reply);
  expect(late.writableEnded).toBe(true);
});
