import { expect, test } from 'vitest';
import { eventTypeOf, expand } from './expand.ts';
import { type OutboxBatch, outboxValues } from './outbox.ts';

const issued: OutboxBatch = {
  topic: 'coupon.issued',
  source: 'coupon',
  keyField: 'couponId',
  common: { policyId: '7', status: 'ISSUED' },
  columns: ['couponId', 'userId'],
  rows: [
    ['100', '1'],
    ['101', '2'],
  ],
  countBy: 'policyId',
};
const exhausted: OutboxBatch = {
  topic: 'coupon-policy.exhausted',
  source: 'coupon',
  keyField: 'policyId',
  common: {},
  columns: ['policyId', 'name'],
  rows: [['7', 'Opening']],
  correlationId: 'req-1',
};

test('a row becomes one envelope per event, common fields and columns together', () => {
  expect(expand('900', new Date('2026-01-01T10:00:00.000Z'), [issued, exhausted])).toEqual([
    {
      topic: 'coupon.issued',
      key: '100',
      event: {
        eventId: '900:0',
        eventType: 'COUPON_ISSUED',
        timestamp: '2026-01-01T10:00:00.000Z',
        data: { policyId: '7', status: 'ISSUED', couponId: '100', userId: '1' },
        metadata: { correlationId: '900', source: 'coupon', version: '1.0' },
      },
    },
    expect.objectContaining({ key: '101', event: expect.objectContaining({ eventId: '900:1' }) }),
    {
      topic: 'coupon-policy.exhausted',
      key: '7',
      event: {
        eventId: '900:2',
        eventType: 'COUPON_POLICY_EXHAUSTED',
        timestamp: '2026-01-01T10:00:00.000Z',
        data: { policyId: '7', name: 'Opening' },
        metadata: { correlationId: 'req-1', source: 'coupon', version: '1.0' },
      },
    },
  ]);
});

test('a topic names its event type in upper snake case', () => {
  expect(eventTypeOf('payment.completed.v1')).toBe('PAYMENT_COMPLETED_V1');
});

test('an outbox row has its topics, its number of events and the tally of counted batches', () => {
  const [id, topics, payload, events, tally] = outboxValues(900n, [issued, exhausted]);
  expect({ id, topics, events }).toEqual({
    id: '900',
    topics: ['coupon.issued', 'coupon-policy.exhausted'],
    events: 3,
  });
  expect(JSON.parse(payload)).toEqual([issued, exhausted]);
  expect(JSON.parse(tally ?? '')).toEqual({ 'coupon.issued': { '7': 2 } });
});

test('a batch over several policies is counted per policy', () => {
  const mixed: OutboxBatch = {
    ...issued,
    common: {},
    columns: ['couponId', 'policyId'],
    rows: [
      ['1', '7'],
      ['2', '8'],
      ['3', '7'],
    ],
  };
  expect(JSON.parse(outboxValues(1n, [mixed])[4] ?? '')).toEqual({ 'coupon.issued': { '7': 2, '8': 1 } });
});

test('a counted batch without the counted field is a mistake of the writer and is thrown', () => {
  expect(() => outboxValues(1n, [{ ...issued, common: {} }])).toThrow(/countBy/);
});
