import { expect, it } from 'vitest';
import type { Delivery } from '../../../platform/events/bus.ts';
import { onEvents } from './on-events.ts';

const events = Array.from(
  { length: 1_200 },
  (_, place): Delivery => ({
    topic: 'coupon.issued',
    key: String(place),
    event: {
      ...{ eventId: `1-${place}`, eventType: 'coupon.issued', timestamp: '2035-01-01T00:00:00.000Z' },
      data: { couponId: String(place), userId: String(place) },
      metadata: { correlationId: 'none', source: 'test', version: '1' },
    },
  }),
);

function handling(wanted: ReadonlySet<string>) {
  const stored: string[][] = [];
  const lookedUp: number[] = [];
  let questions = 0;
  const handle = onEvents({
    intake: {
      async wantedTopics() {
        questions += 1;
        return wanted;
      },
      async addOnce(batch, offer) {
        stored.push(offer(batch).map(({ eventId }) => eventId));
      },
    },
    topics: { 'coupon.issued': { key: 'couponId' }, 'user.deleted': { key: 'userId' } },
    async externalIdsOf(userIds) {
      lookedUp.push(userIds.length);
      return new Map();
    },
    clock: Date.now,
    onStored: () => {},
  });
  return { handle, stored, lookedUp, questions: () => questions };
}

it('a batch that an endpoint wants is stored in transactions of at most 512 events, in its order', async () => {
  const { handle, stored, lookedUp } = handling(new Set(['coupon.issued']));
  await handle(events);
  expect(stored.map(({ length }) => length)).toEqual([512, 512, 176]);
  expect(lookedUp).toEqual([512, 512, 176]);
  expect(stored.flat()).toEqual(events.map(({ event }) => event.eventId));
});

it('a batch that no endpoint wants costs one question', async () => {
  const { handle, stored, questions } = handling(new Set());
  await handle(events);
  expect([stored, questions()]).toEqual([[], 1]);
});
