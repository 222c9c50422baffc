import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type StockStreams, stockStreams } from './stock-streams.ts';

/** As much of a response as a stream needs: what was written to it. */
class Socket extends EventEmitter {
  readonly written: string[] = [];
  readonly writableLength = 0;
  destroyed = false;
  ended = false;
  write(text: string): boolean {
    return this.written.push(text) > 0;
  }
  end(): void {
    this.ended = true;
  }
}
const socket = (): ServerResponse & Socket => new Socket() as ServerResponse & Socket;
const eventOf = (stock: object): string => `event: stock\ndata: ${JSON.stringify(stock)}\n\n`;

const errors: unknown[] = [];
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
beforeEach(() => {
  vi.useFakeTimers();
  streams = stockStreams((error) => errors.push(error));
  remaining = 5;
  reads = [];
  errors.length = 0;
});
afterEach(() => {
  streams.stop();
  vi.useRealTimers();
});

it('10,000 streams of one sale cause one read a second, and each gets every change once', async () => {
  const watchers = Array.from({ length: 10_000 }, socket);
  for (const watcher of watchers) {
    streams.requireRoom();
    streams.watch(source, 1n, { remaining: 6 }, watcher);
  }
  expect(() => streams.requireRoom()).toThrow('OVERLOADED');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reads).toEqual([1n, 1n, 1n, 1n, 1n]);
  remaining = 4;
  await vi.advanceTimersByTimeAsync(1_000);
  const stocks = [{ remaining: 6 }, { remaining: 5 }, { remaining: 4 }].map(eventOf);
  expect(watchers.every(({ written }) => written.join() === stocks.join())).toBe(true);
  // A new stream needs no read of the database.
  expect(streams.latest(source, 1n)).toEqual({ remaining: 4 });
  expect(streams.latest(source, 2n)).toBe(undefined);
});

it('equal ids of different sources are separate, and polling stops with the last stream', async () => {
  const other = { pollMs: 250, read: vi.fn(async () => ({ left: 1 })) };
  const [first, second] = [socket(), socket()];
  streams.watch(source, 1n, { remaining: 5 }, first);
  streams.watch(other, 1n, { left: 1 }, second);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([reads.length, other.read.mock.calls.length]).toEqual([1, 4]);
  expect(second.written[0]).toBe(eventOf({ left: 1 }));
  first.emit('close');
  await vi.advanceTimersByTimeAsync(10_000);
  expect([reads.length, streams.latest(source, 1n)]).toEqual([2, undefined]);
});

it('a client that disconnected before the first read is not counted as a stream', async () => {
  const gone = socket();
  gone.destroyed = true;
  for (let count = 0; count < 10_000; count++) streams.watch(source, 1n, { remaining: 5 }, gone);
  streams.requireRoom();
  await vi.advanceTimersByTimeAsync(5_000);
  expect([reads, gone.written]).toEqual([[], []]);
});

it('a read that fails is reported to the operator, and the next one follows', async () => {
  const watcher = socket();
  streams.watch(source, 1n, { remaining: 5 }, watcher);
  remaining = -1;
  await vi.advanceTimersByTimeAsync(2_000);
  remaining = 3;
  await vi.advanceTimersByTimeAsync(1_000);
  expect([errors.length, watcher.written.at(-1)]).toEqual([2, eventOf({ remaining: 3 })]);
});
