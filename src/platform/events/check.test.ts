import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventCheck } from './check.ts';
import { id, instant, topic } from './topic.ts';

const fact = topic({
  summary: 'Something happened',
  key: 'thingId',
  data: z.object({ thingId: id('The thing'), note: z.string().optional(), at: instant('When') }),
  example: { thingId: '1', at: '2026-01-01T00:00:00.000Z' },
});
const check = eventCheck({ 'thing.happened': fact });
const event = {
  eventId: '900:0',
  eventType: 'THING_HAPPENED',
  timestamp: '2026-01-01T09:00:00+09:00',
  data: fact.example,
  metadata: { correlationId: 'c', source: 'test', version: '1.0' },
};

const outgoing = (data: Record<string, unknown>, name = 'thing.happened', key = '1') =>
  check.outgoing({ topic: name, key, event: { ...event, data } });

test('an event that matches the catalogue is accepted as incoming and outgoing', () => {
  expect(outgoing(fact.example)).toBeUndefined();
  expect(check.incoming('thing.happened', event)).toBeUndefined();
});

test('an unknown field is refused in outgoing events and allowed in incoming ones', () => {
  const data = { ...fact.example, password: 'secret' };
  expect(outgoing(data)).toMatch(/password/);
  expect(outgoing(data)).not.toMatch(/secret/);
  expect(check.incoming('thing.happened', { ...event, data, more: 1 })).toBeUndefined();
});

test.each([
  ['a missing field', { at: fact.example.at }, 'thingId'],
  ['an id that is a number', { ...fact.example, thingId: 1 }, 'thingId'],
  ['a moment that is none', { ...fact.example, at: 'yesterday' }, 'at'],
])('the check of events refuses %s, and names it', (_, data, field) => {
  expect(outgoing(data)).toContain(`${field}: `);
  expect(check.incoming('thing.happened', { ...event, data })).toContain(`data.${field}: `);
});

test.each([undefined, null, 'text', [], {}])('the check of events refuses %j', (value) => {
  expect(check.incoming('thing.happened', value)).toMatch(/does not match the catalogue of events/);
});

test('an unknown topic is refused', () => {
  expect(outgoing({}, 'thing.unheard_of')).toMatch(/thing.unheard_of is not in the catalogue/);
  expect(check.incoming('__proto__', event)).toMatch(/__proto__ is not in the catalogue/);
});

test('an event under another key would lose its place in the order', () => {
  expect(outgoing(fact.example, 'thing.happened', 'undefined')).toBe('the key is not thingId');
});
