import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { inProcessBus } from './bus-in-process.ts';
import { busSuite, delivery } from './bus-suite.ts';
import type { DeadLetters } from './dead-letters.ts';

const log = pino({ level: 'silent' });

function memoryDeadLetters(): DeadLetters & { readonly deadLetters: string[] } {
  const deadLetters: string[] = [];
  return {
    deadLetters,
    async put(group, { event }, reason) {
      deadLetters.push(`${group} ${event.eventId} ${reason}`);
    },
  };
}

const bus = (deadLetters: DeadLetters = memoryDeadLetters()) =>
  inProcessBus({ deadLetters, metrics: new Registry(), log, retryBaseMs: 1 });

busSuite('in process', () => {
  const dead = memoryDeadLetters();
  return {
    open: () => bus(dead),
    deadLetters: async (group) =>
      dead.deadLetters.filter((each) => each.startsWith(`${group} `)).map((each) => each.slice(group.length + 1)),
  };
});

test('subscribedTopics contains only topics with a consumer', () => {
  const events = bus();
  events.subscribe('first', ['coupon.issued'], async () => {});
  events.subscribe('second', ['coupon.issued', 'coupon.used'], async () => {});
  expect(events.subscribedTopics()).toEqual(new Set(['coupon.issued', 'coupon.used']));
});

test('publishing resolves only when the handlers are done', async () => {
  const events = bus();
  let finish = () => {};
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  events.subscribe('slow', ['coupon.issued'], () => gate);
  let resolved = false;
  const publishing = events.publish([delivery('1')]).then(() => {
    resolved = true;
  });
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  expect(resolved).toBe(false);
  finish();
  await publishing;
});

test('events that are published in one turn of the event loop reach a handler in one call', async () => {
  const events = bus();
  const calls: string[][] = [];
  events.subscribe('counting', ['coupon.issued'], async (batch) => {
    calls.push(batch.map(({ event }) => event.eventId));
  });
  await Promise.all(['1', '2', '3'].map((id) => events.publish([delivery(id)])));
  expect(calls).toEqual([['1', '2', '3'].map((id) => delivery(id).event.eventId)]);
});

test('no event is dropped while dead letters cannot be stored', async () => {
  let away = 3;
  const dead = memoryDeadLetters();
  const events = bus({
    async put(group, deadLetter, reason) {
      if (away-- > 0) throw new Error('the database is away');
      await dead.put(group, deadLetter, reason);
    },
  });
  events.subscribe('broken', ['coupon.issued'], () => Promise.reject(new Error('always')));
  await events.publish([delivery('1')]);
  expect(dead.deadLetters).toEqual(['broken 1 Error: always']);
});

test('a stopped bus rejects what it did not handle, so that it stays in the outbox', async () => {
  const events = bus();
  events.subscribe('broken', ['coupon.issued'], () => Promise.reject(new Error('always')));
  const dead = expect(events.publish([delivery('1'), delivery('2')])).rejects.toThrow(/stopping/);
  await events.stop();
  await dead;
  await expect(events.publish([delivery('3')])).rejects.toThrow(/stopping/);
});

test('a consumer group gets batches of at most batchMax events', async () => {
  const events = bus();
  const sizes: number[] = [];
  events.subscribe('any', ['coupon.issued'], async (batch) => void sizes.push(batch.length), 256);
  await events.publish(Array.from({ length: 600 }, (_, i) => delivery(String(i))));
  expect(sizes).toEqual([256, 256, 88]);
});
