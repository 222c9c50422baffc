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

it('a client that takes no byte for 30 s loses its stream, and one that takes some keeps it', async () => {
  const [stuck, slow] = [new StreamClient(), new StreamClient()];
  for (const client of [stuck, slow]) {
    client.isStuck = true;
    open.open(client.reply)?.send(Buffer.alloc(100));
  }
  for (let second = 0; second < 60; second++) {
    if (slow.writableLength > 1) slow.writableLength -= 1;
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect([stuck.destroyed, slow.destroyed]).toEqual([true, false]);
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
