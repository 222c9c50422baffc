import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StreamClient } from '../../../test/support/stream-client.ts';
import type { InboxListener } from '../../contexts/notification/api.ts';
import { type NoticeStreams, noticeStreams } from './notice-streams.ts';
import { openStreams } from './open-streams.ts';

/** An inbox by the numbers of its notices. */
const inboxes = new Map<bigint, bigint[]>();
const reads: number[] = [];
let changed: InboxListener | undefined;
let isAway = false;
let open: ReturnType<typeof openStreams>;
let streams: NoticeStreams;
beforeEach(() => {
  vi.useFakeTimers();
  inboxes.clear();
  reads.length = 0;
  isAway = false;
  open = openStreams();
  streams = noticeStreams({
    open,
    notification: {
      async readAfter({ positions, limit }) {
        reads.push(positions.length);
        if (isAway) throw new Error('away');
        return {
          inboxes: positions.map(({ userId, number }) => {
            const numbers = inboxes.get(userId) ?? [];
            const after = number === undefined ? [] : numbers.filter((each) => each > number).slice(0, limit);
            const notices = after.map((each) => ({ number: each })) as never[];
            return { lastNumber: numbers.at(-1) ?? 0n, unread: numbers.length, notices };
          }),
        };
      },
    },
    changes: {
      subscribe(listener) {
        changed = listener;
        return () => {
          changed = undefined;
        };
      },
    },
    toJson: ({ number }) => ({ number: String(number) }),
    onError: () => {},
  });
});
afterEach(() => {
  open.stop();
  streams.stop();
  vi.useRealTimers();
});

function watch(userId: bigint, after?: bigint, mayRead: () => boolean = () => true): StreamClient {
  const client = new StreamClient();
  streams.watch({ userId, language: 'en', after, mayRead }, client.reply);
  return client;
}
const numbersIn = (client: StreamClient): readonly string[] =>
  [
    ...client
      .events()
      .join('')
      .matchAll(/event: notice\nid: (\d+)/g),
  ].map(([, id]) => id ?? '');
const add = (userId: bigint, ...numbers: bigint[]) => inboxes.set(userId, [...(inboxes.get(userId) ?? []), ...numbers]);
const settle = (ms = 100) => vi.advanceTimersByTimeAsync(ms);

it('the number of streams of notices is that of open ones', () => {
  const clients = [watch(1n), watch(1n), watch(2n)];
  expect(streams.count()).toBe(3);
  for (const client of clients) client.close();
  expect(streams.count()).toBe(0);
});

it('a broadcast to 1,000 open inboxes is read in two reads', async () => {
  const clients = Array.from({ length: 1_000 }, (_, index) => watch(BigInt(index + 1)));
  await settle();
  reads.length = 0;
  for (let user = 1n; user <= 1_000n; user++) add(user, 1n);
  changed?.([...inboxes.keys()]);
  await settle(500);
  expect(reads).toEqual([500, 500]);
  expect(clients.every((client) => numbersIn(client).join() === '1')).toBe(true);
});

it('a change that no process has signalled is found by the next read of all open inboxes', async () => {
  const client = watch(1n);
  await settle();
  add(1n, 1n, 2n);
  await settle(16_000);
  expect(numbersIn(client)).toEqual(['1', '2']);
});

it('a read that fails is repeated, and nothing is lost or sent twice', async () => {
  const client = watch(1n);
  await settle();
  isAway = true;
  add(1n, 1n);
  changed?.([1n]);
  await settle(1_500);
  add(1n, 2n);
  isAway = false;
  await settle(3_000);
  expect(numbersIn(client)).toEqual(['1', '2']);
});

it('a client that does not read gets no more until it has read, and then the rest in order', async () => {
  const client = watch(1n, 0n);
  await settle();
  client.isStuck = true;
  client.writableNeedDrain = true;
  add(1n, ...Array.from({ length: 120 }, (_, index) => BigInt(index + 1)));
  changed?.([1n]);
  await settle();
  expect(numbersIn(client)).toEqual([]);
  client.isStuck = false;
  client.writableNeedDrain = false;
  client.emit('drain');
  await settle(500);
  expect(numbersIn(client)).toEqual(Array.from({ length: 120 }, (_, index) => String(index + 1)));
});

it('a client that does not read is waited for once, whatever changes meanwhile', async () => {
  const client = watch(1n, 0n);
  await settle();
  client.writableNeedDrain = true;
  for (let count = 0; count < 50; count++) {
    changed?.([1n]);
    await settle(20);
  }
  expect(client.listenerCount('drain')).toBe(1);
});

it('a stream ends within a second when its caller may not read any more', async () => {
  let may = true;
  const client = watch(1n, undefined, () => may);
  const other = watch(1n);
  await settle(2_000);
  may = false;
  await settle(600);
  expect([client.writableEnded, other.writableEnded]).toEqual([true, false]);
});

it('changes are not followed any more when the last stream has ended', async () => {
  const clients = [watch(1n), watch(2n)];
  await settle();
  clients[0]?.close();
  expect(changed).toBeDefined();
  clients[1]?.close();
  expect(changed).toBeUndefined();
});
