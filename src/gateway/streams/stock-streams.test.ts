import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StreamClient } from '../../../test/support/stream-client.ts';
import { type OpenStreams, openStreams } from './open-streams.ts';
import { type StockStreams, stockStreams } from './stock-streams.ts';

const eventOf = (stock: object): string => `event: stock\ndata: ${JSON.stringify(stock)}\n\n`;

const errors: unknown[] = [];
let open: OpenStreams;
let streams: StockStreams;
let remaining: number;
let reads: bigint[];
const source = {
  pollMs: 1_000,
  async read(id: bigint) {
    reads.push(id);
    if (remaining < 0) throw new Error('away');
    return { remaining };
  },
};
const watch = (client: StreamClient, first = remaining): StreamClient => {
  streams.watch(source, 1n, { remaining: first }, client.reply);
  return client;
};
beforeEach(() => {
  vi.useFakeTimers();
  open = openStreams();
  streams = stockStreams(open, (error) => errors.push(error));
  remaining = 5;
  reads = [];
  errors.length = 0;
});
afterEach(() => {
  open.stop();
  streams.stop();
  vi.useRealTimers();
});

it('10,000 streams of one sale cause one read a second, and each gets every change once', async () => {
  const watchers = Array.from({ length: 10_000 }, () => new StreamClient());
  for (const watcher of watchers) {
    open.requireRoom();
    watch(watcher, 6);
  }
  expect(() => open.requireRoom()).toThrow('OVERLOADED');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reads).toEqual([1n, 1n, 1n, 1n, 1n]);
  remaining = 4;
  // Longer than a poll, because each slice takes a turn.
  await vi.advanceTimersByTimeAsync(1_800);
  const stocks = [{ remaining: 6 }, { remaining: 5 }, { remaining: 4 }].map(eventOf);
  const received = new Set(watchers.map((watcher) => watcher.events().join()));
  expect([...received]).toEqual([stocks.join()]);
  // A new stream needs no read of the database.
  expect(streams.latest(source, 1n)).toEqual({ remaining: 4 });
  expect(streams.latest(source, 2n)).toBe(undefined);
});

it('equal ids of different sources are separate, and polling stops with the last stream', async () => {
  const other = { pollMs: 250, read: vi.fn(async () => ({ left: 1 })) };
  const first = watch(new StreamClient());
  const second = new StreamClient();
  streams.watch(other, 1n, { left: 1 }, second.reply);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([reads.length, other.read.mock.calls.length]).toEqual([1, 4]);
  expect(second.events()).toEqual([eventOf({ left: 1 })]);
  first.close();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([reads.length, streams.latest(source, 1n)]).toEqual([2, undefined]);
});

it('the number of streams of stock is that of open ones', () => {
  const [first, second, gone] = [watch(new StreamClient()), watch(new StreamClient()), new StreamClient()];
  gone.destroyed = true;
  watch(gone);
  expect(streams.count()).toBe(2);
  first.close();
  second.close();
  expect(streams.count()).toBe(0);
});

it('a client that disconnected before the first read is not counted as a stream', async () => {
  const gone = new StreamClient();
  gone.destroyed = true;
  for (let count = 0; count < 10_000; count++) watch(gone);
  open.requireRoom();
  await vi.advanceTimersByTimeAsync(5_000);
  expect([reads, gone.written]).toEqual([[], []]);
});

it('a read that fails is reported to the operator, and the next one follows', async () => {
  const watcher = watch(new StreamClient());
  remaining = -1;
  await vi.advanceTimersByTimeAsync(2_000);
  remaining = 3;
  await vi.advanceTimersByTimeAsync(1_100);
  expect([errors.length, watcher.events().at(-1)]).toEqual([2, eventOf({ remaining: 3 })]);
});

it('a client that reads slowly gets the newest stock when it reads again, and not what has changed meanwhile', async () => {
  const client = watch(new StreamClient());
  client.isStuck = true;
  for (remaining = 4; remaining > 0; remaining--) await vi.advanceTimersByTimeAsync(1_000);
  client.isStuck = false;
  client.writableLength = 0;
  remaining = 1;
  await vi.advanceTimersByTimeAsync(1_100);
  expect(client.events()).toEqual([5, 4, 1].map((left) => eventOf({ remaining: left })));
});
