import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Delivery } from './bus.ts';
import { inProcessBus } from './bus-in-process.ts';
import type { DeadLetters } from './dead-letters.ts';

const log = pino({ level: 'silent' });

function memoryDeadLetters(): DeadLetters & { readonly letters: string[] } {
  const letters: string[] = [];
  return {
    letters,
    async put(group, { event }, reason) {
      letters.push(`${group} ${event.eventId} ${reason}`);
    },
  };
}

function delivery(eventId: string, topic = 'coupon.issued', key = '1'): Delivery {
  const metadata = { correlationId: 'c', source: 'coupon', version: '1.0' };
  return { topic, key, event: { eventId, eventType: 'X', timestamp: '2026-01-01T00:00:00Z', data: {}, metadata } };
}

const bus = (deadLetters: DeadLetters = memoryDeadLetters()) =>
  inProcessBus({ deadLetters, metrics: new Registry(), log, retryBaseMs: 1 });

const idsOf = (batch: readonly Delivery[]) => batch.map(({ event }) => event.eventId);

test('each group gets every event of its topics, in order', async () => {
  const events = bus();
  const first: string[] = [];
  const second: string[] = [];
  events.subscribe('first', ['coupon.issued'], async (batch) => void first.push(...idsOf(batch)));
  events.subscribe('second', ['coupon.issued', 'coupon.used'], async (batch) => void second.push(...idsOf(batch)));

  await Promise.all([
    events.publish([delivery('1'), delivery('2', 'coupon.used'), delivery('3')]),
    events.publish([delivery('4', 'nobody.wants'), delivery('5')]),
  ]);

  expect(first).toEqual(['1', '3', '5']);
  expect(second).toEqual(['1', '2', '3', '5']);
  expect(events.wanted()).toEqual(new Set(['coupon.issued', 'coupon.used']));
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
  await new Promise(setImmediate);
  expect(resolved).toBe(false);
  finish();
  await publishing;
});

test('a failing handler gets the same batch again while the other group goes on', async () => {
  const events = bus();
  const tried: string[][] = [];
  const other: string[] = [];
  let release = () => {};
  const otherHasAll = new Promise<void>((resolve) => {
    release = resolve;
  });
  events.subscribe('failing', ['coupon.issued'], async (batch) => {
    tried.push(idsOf(batch));
    if (tried.length === 1) {
      await otherHasAll;
      throw new Error('not yet');
    }
  });
  events.subscribe('other', ['coupon.issued'], async (batch) => {
    other.push(...idsOf(batch));
    if (other.length === 3) release();
  });

  const first = events.publish([delivery('1'), delivery('2')]);
  await Promise.all([first, events.publish([delivery('3')])]);

  expect(other).toEqual(['1', '2', '3']);
  expect(tried).toEqual([['1', '2'], ['1', '2'], ['3']]);
});

test('after five attempts only the event that fails alone becomes a dead letter', async () => {
  const dead = memoryDeadLetters();
  const events = bus(dead);
  const handled: string[] = [];
  let calls = 0;
  events.subscribe('picky', ['coupon.issued'], async (batch) => {
    calls += 1;
    if (idsOf(batch).includes('2')) throw new Error('cannot read it');
    handled.push(...idsOf(batch));
  });

  await events.publish([delivery('1'), delivery('2'), delivery('3')]);
  await events.publish([delivery('4')]);

  expect(handled).toEqual(['1', '3', '4']);
  expect(dead.letters).toEqual(['picky 2 Error: cannot read it']);
  expect(calls).toBe(5 + 3 + 1);
});

test('while dead letters cannot be kept nothing is dropped', async () => {
  let away = 3;
  const dead = memoryDeadLetters();
  const events = bus({
    async put(group, letter, reason) {
      if (away-- > 0) throw new Error('the database is away');
      await dead.put(group, letter, reason);
    },
  });
  events.subscribe('broken', ['coupon.issued'], () => Promise.reject(new Error('always')));
  await events.publish([delivery('1')]);
  expect(dead.letters).toEqual(['broken 1 Error: always']);
});

test('what a stopped bus did not handle is rejected, so that it stays in the outbox', async () => {
  const events = bus();
  events.subscribe('broken', ['coupon.issued'], () => Promise.reject(new Error('always')));
  const dead = expect(events.publish([delivery('1'), delivery('2')])).rejects.toThrow(/stopping/);
  await events.stop();
  await dead;
  await expect(events.publish([delivery('3')])).rejects.toThrow(/stopping/);
});

test('a group takes batches of at most 256 events', async () => {
  const events = bus();
  const sizes: number[] = [];
  events.subscribe('any', ['coupon.issued'], async (batch) => void sizes.push(batch.length));
  await events.publish(Array.from({ length: 600 }, (_, i) => delivery(String(i))));
  expect(sizes).toEqual([256, 256, 88]);
});
