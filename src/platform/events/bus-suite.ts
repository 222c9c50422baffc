import { afterEach, describe, expect, test, vi } from 'vitest';
import { Unavailable } from '../kernel/refusal.ts';
import type { Delivery, EventBus, Handler } from './bus.ts';

/** The shared state of buses: events that one bus leaves unhandled are delivered by the next bus with the same state. */
export interface BusStand {
  /** Not started. Retries after a few milliseconds, so that five of them take no time. */
  open(): EventBus;
  /** Every dead letter of a group as `<event id> <reason>`, in the order in which they were put aside. */
  deadLetters(group: string, topic: string): Promise<readonly string[]>;
}

const TOPIC = 'coupon.issued';
const WAIT = { timeout: 60_000, interval: 20 };

export function delivery(eventId: string, topic = TOPIC, key = '1'): Delivery {
  const metadata = { correlationId: 'c', source: 'coupon', version: '1.0' };
  return { topic, key, event: { eventId, eventType: 'X', timestamp: '2026-01-01T00:00:00Z', data: {}, metadata } };
}

const idsOf = (batch: readonly Delivery[]) => batch.map(({ event }) => event.eventId);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));

/** What every bus keeps. Handlers here have no inbox, so an event may come to them again; `seen` leaves that out. */
export function busSuite(name: string, openStand: () => BusStand): void {
  describe(name, () => {
    const open: EventBus[] = [];

    /** A started bus with these consumers of TOPIC. */
    async function busWith(stand: BusStand, handlers: Readonly<Record<string, Handler>>): Promise<EventBus> {
      const bus = stand.open();
      for (const [group, handler] of Object.entries(handlers)) bus.subscribe(group, [TOPIC], handler);
      open.push(bus);
      await bus.start();
      return bus;
    }

    afterEach(async () => {
      await Promise.all(open.splice(0).map((bus) => bus.stop()));
    });

    test('each consumer group gets every event of its topics, and none of others', async () => {
      const bus = openStand().open();
      open.push(bus);
      const first = seen();
      const second = seen();
      bus.subscribe('first', [TOPIC], first.handler);
      bus.subscribe('second', [TOPIC, 'coupon.used'], second.handler);
      await bus.start();
      await Promise.all([
        bus.publish([delivery('1'), delivery('2', 'coupon.used'), delivery('3')]),
        bus.publish([delivery('4', 'nobody.wants'), delivery('5')]),
      ]);
      await vi.waitFor(() => {
        expect(first.ids()).toEqual(['1', '3', '5']);
        expect(second.ids().toSorted()).toEqual(['1', '2', '3', '5']);
      }, WAIT);
    });

    test('waiting for the consumers ends when every group is done with the events that were published before', async () => {
      const stand = openStand();
      const [fast, slow] = [seen(), seen()];
      const bus = await busWith(stand, {
        fast: fast.handler,
        async slow(batch) {
          await new Promise((resolve) => setTimeout(resolve, 1_500));
          await slow.handler(batch);
        },
      });
      const ids = numbers(50);
      await bus.publish(ids.map((id) => delivery(id, TOPIC, id)));
      await bus.waitForConsumers();
      expect([...new Set(fast.ids())].toSorted()).toEqual(ids.toSorted());
      expect([...new Set(slow.ids())].toSorted()).toEqual(ids.toSorted());
    });

    test('an event that is published for one group reaches only that group, in order, and other groups continue', async () => {
      const first = seen();
      const second = seen();
      const bus = await busWith(openStand(), { first: first.handler, second: second.handler });
      await bus.publish([delivery('1')]);
      await bus.publish([delivery('2'), delivery('3')], 'first');
      await bus.publish([delivery('4')]);
      await vi.waitFor(() => {
        expect(first.ids()).toEqual(['1', '2', '3', '4']);
        expect(second.ids()).toEqual(['1', '4']);
      }, WAIT);
    });

    test('an event that one group gave up and gets again is no dead letter of another group', async () => {
      const stand = openStand();
      const got = seen();
      let isBad = true;
      const bus = await busWith(stand, {
        async picky(batch) {
          if (isBad) throw new Error('cannot read it');
          await got.handler(batch);
        },
        async other() {
          throw new Error('handled it, has forgotten it, and would fail now');
        },
      });
      await bus.publish([delivery('1')], 'picky');
      await vi.waitFor(async () => expect(await stand.deadLetters('picky', TOPIC)).toHaveLength(1), WAIT);
      isBad = false;
      await bus.publish([delivery('1')], 'picky');
      await vi.waitFor(() => expect(got.ids()).toEqual(['1']), WAIT);
      expect(await stand.deadLetters('other', TOPIC)).toEqual([]);
    });

    test('concurrent calls of publish keep their order for each key', async () => {
      const got = seen();
      const bus = await busWith(openStand(), { any: got.handler });
      const keys = ['a', 'b', 'c', 'd', 'e'];
      const calls = Array.from({ length: 40 }, (_, call) =>
        keys.flatMap((key) => [0, 1, 2].map((n) => delivery(`${key}${call * 3 + n}`, TOPIC, key))),
      );
      await Promise.all(calls.map((batch) => bus.publish(batch)));
      await vi.waitFor(() => expect(got.ids()).toHaveLength(keys.length * 120), WAIT);
      for (const key of keys) {
        const expected = Array.from({ length: 120 }, (_, n) => `${key}${n}`);
        expect(got.ids().filter((id) => id.startsWith(key))).toEqual(expected);
      }
    });

    test('a failed batch is delivered again, in order, while another group continues', async () => {
      const got = seen();
      const other = seen();
      let failures = 0;
      const bus = await busWith(openStand(), {
        async failing(batch) {
          // Until the other one has all of them: a group that waited for this one would never end.
          if (other.ids().length < 4 || failures === 0) {
            failures += 1;
            throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'not yet');
          }
          await got.handler(batch);
        },
        other: other.handler,
      });
      const publishing = [bus.publish([delivery('1'), delivery('2')]), bus.publish([delivery('3'), delivery('4')])];
      await vi.waitFor(() => expect(got.ids()).toEqual(['1', '2', '3', '4']), WAIT);
      await Promise.all(publishing);
      expect(failures).toBeGreaterThan(0);
    });

    test('only an event that fails alone five times becomes a dead letter, once', async () => {
      const stand = openStand();
      const got = seen();
      let failures = 0;
      const bus = await busWith(stand, {
        async picky(batch) {
          if (idsOf(batch).includes('2')) {
            failures += 1;
            throw new Error('cannot read it');
          }
          await got.handler(batch);
        },
      });
      await bus.publish([delivery('1'), delivery('2'), delivery('3')]);
      await bus.publish([delivery('4')]);
      await vi.waitFor(() => expect(got.ids()).toEqual(['1', '3', '4']), WAIT);
      expect(await stand.deadLetters('picky', TOPIC)).toEqual(['2 Error: cannot read it']);
      expect(failures).toBeGreaterThanOrEqual(5);
    });

    test('no event becomes a dead letter while a dependency of its consumer is not available', async () => {
      const stand = openStand();
      const got = seen();
      let away = 7;
      const bus = await busWith(stand, {
        async patient(batch) {
          if (away-- > 0) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
          await got.handler(batch);
        },
      });
      await bus.publish([delivery('1'), delivery('2')]);
      await vi.waitFor(() => expect(got.ids()).toEqual(['1', '2']), WAIT);
      expect(away).toBeLessThan(0);
      expect(await stand.deadLetters('patient', TOPIC)).toEqual([]);
    });

    test('events whose handling a stop interrupts are delivered again, and none is lost', async () => {
      const stand = openStand();
      const got = seen();
      let stop = () => {};
      const inTheMiddle = new Promise<void>((resolve) => {
        stop = resolve;
      });
      const first = await busWith(stand, {
        async any(batch) {
          await got.handler(batch);
          if (got.ids().length >= 100) stop();
          await new Promise((resolve) => setTimeout(resolve, 20));
        },
      });
      // As the relay does: what was not taken is published again.
      const calls = numbers(30).map((call) => numbers(50).map((n) => delivery(`${call}-${n}`, TOPIC, call)));
      const taken = Promise.allSettled(calls.map((call) => first.publish(call)));
      await inTheMiddle;
      await first.stop();
      const outcomes = await taken;
      const second = await busWith(stand, { any: got.handler });
      await Promise.all(calls.filter((_, i) => outcomes[i]?.status === 'rejected').map((call) => second.publish(call)));
      await vi.waitFor(() => expect(got.ids()).toHaveLength(1_500), WAIT);
      for (const call of numbers(30)) {
        expect(got.ids().filter((id) => id.startsWith(`${call}-`))).toEqual(numbers(50).map((n) => `${call}-${n}`));
      }
    });

    test('a stopped bus accepts no event', async () => {
      const bus = await busWith(openStand(), { any: seen().handler });
      await bus.stop();
      await expect(bus.publish([delivery('1')])).rejects.toThrow(/stopping/);
    });
  });
}

/** Collects ids, each when it is delivered first. */
function seen(): { readonly handler: Handler; ids(): readonly string[] } {
  const ids = new Set<string>();
  return {
    handler: async (batch) => {
      for (const id of idsOf(batch)) ids.add(id);
    },
    ids: () => [...ids],
  };
}
