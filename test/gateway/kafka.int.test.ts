// @module-tag settings
import { Producer } from '@platformatic/kafka';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientOptions, type KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { openPolicy, type Stage, stage, until } from '../attacks/support.ts';
import { testKafka, testSettings } from '../support/kafka.ts';
import { readTopic } from '../support/kafka-topic.ts';

const brokers = await testKafka();

const issue = (on: Stage, policyId: string, userId: string) =>
  on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) });

async function statusOf(on: Stage, userId: string): Promise<string | undefined> {
  const { body } = await on.call('GET', `/api/v1/coupons/users/${userId}`, { token: on.token(userId) });
  return body.coupons[0]?.status;
}

describe('without its Kafka', () => {
  let on: Stage | undefined;
  afterEach(() => on?.stop());

  it('a server without its Kafka starts, issues coupons, keeps the events, and reports that Kafka is down', async () => {
    on = await stage({ kafka: testSettings(`127.0.0.1:${await freePort()}`) });
    const policyId = await openPolicy(on);
    expect((await issue(on, policyId, '7')).status).toBe(201);

    const ready = await on.call('GET', '/readyz');
    expect([ready.status, ready.body]).toEqual([
      200,
      { status: 'ready', dependencies: { postgres: 'up', clock: 'up', files: 'up', kafka: 'down' } },
    ]);
    const client = new pg.Client({ connectionString: on.database.url });
    await client.connect();
    const { rows } = await client.query(`select from platform.outbox where topics @> '{coupon.issued}'`);
    await client.end();
    expect(rows).toHaveLength(1);
  });
});

describe.skipIf(brokers === undefined)('with Kafka', () => {
  let on: Stage;
  let settings: KafkaSettings;
  beforeAll(async () => {
    settings = testSettings(brokers ?? '');
    // signed-payments.int.test.ts is about signatures.
    on = await stage({ kafka: settings, paymentEvents: { trustAcl: true, keys: new Map() } });
  });
  afterAll(() => on?.stop());

  /** Publishes like an external payment provider, without the outbox. */
  async function pay(...values: readonly string[]): Promise<void> {
    const producer = new Producer(clientOptions(settings));
    try {
      const topic = `${settings.prefix}payment.completed.v1`;
      await producer.send({
        messages: values.map((value) => ({ topic, key: Buffer.from('any'), value: Buffer.from(value) })),
      });
    } finally {
      await producer.close();
    }
  }

  const payment = (eventId: string, userId: string, orderId: string): string =>
    JSON.stringify({
      eventId,
      eventType: 'PAYMENT_COMPLETED',
      timestamp: '2026-01-01T10:00:00+09:00',
      data: { paymentId: 'p-1', orderId, userId, amount: 9_000, completedAt: '2026-01-01T10:00:00Z' },
      metadata: { correlationId: 'c', source: 'a provider', version: '1.0' },
    });

  /** Creates a user with a coupon that is reserved for an order. */
  async function reserved(userId: string, orderId: string): Promise<void> {
    const policyId = await openPolicy(on);
    const { couponId } = (await issue(on, policyId, userId)).body;
    const json = { couponId, orderId, orderAmount: 10_000, reservationId: `r-${orderId}` };
    const answer = await on.call('POST', '/api/v1/coupons/reserve', { token: on.token(userId), json });
    if (answer.status >= 300) throw new Error(`not reserved: ${answer.text}`);
  }

  it('a server with Kafka is ready, and reports that Kafka is up', async () => {
    const { status, body } = await on.call('GET', '/readyz');
    expect([status, body.dependencies]).toEqual([200, { postgres: 'up', clock: 'up', files: 'up', kafka: 'up' }]);
  });

  it('an issued coupon is a message on coupon.issued, keyed by its coupon, with its id and type in headers', async () => {
    const policyId = await openPolicy(on);
    const { couponId } = (await issue(on, policyId, '8')).body;
    const mine = async () =>
      (await readTopic(settings, 'coupon.issued')).find(({ value }) => JSON.parse(value).data.couponId === couponId);
    await until(async () => (await mine()) !== undefined);
    const message = await mine();
    const event = JSON.parse(message?.value ?? '');
    expect(message?.key).toBe(couponId);
    expect(message?.headers).toEqual({ eventId: event.eventId, eventType: 'COUPON_ISSUED' });
    expect(event.data).toMatchObject({ policyId, userId: '8' });
  });

  it('a payment event of a provider uses the coupon that was reserved for the order, also when it is delivered twice', async () => {
    await reserved('9', 'order-9');
    await pay(payment('evt-9', '9', 'order-9'), payment('evt-9', '9', 'order-9'));
    await until(async () => (await statusOf(on, '9')) === 'USED');
  });

  it('a message that cannot be parsed becomes a dead letter unchanged, with the reason, and delays no other', async () => {
    await reserved('10', 'order-10');
    const unread = ['{"eventId":', '[]', payment('', '10', 'order-10'), '\u0000'];
    await pay(...unread, payment('evt-10', '10', 'order-10'));
    await until(async () => (await statusOf(on, '10')) === 'USED');

    // For each group: several groups consume payments.
    const deadLetters = (await readTopic(settings, 'payment.completed.v1.DLQ')).filter(
      ({ headers }) => headers['x-group'] === 'coupon.payments',
    );
    expect(deadLetters.map(({ value }) => value)).toEqual(unread);
    expect(deadLetters[0]?.headers).toMatchObject({
      'x-reason': expect.stringContaining('JSON'),
      'x-original-topic': `${settings.prefix}payment.completed.v1`,
      'x-original-partition': expect.stringMatching(/^\d$/),
      'x-original-offset': expect.stringMatching(/^\d+$/),
      'x-failed-at': expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(deadLetters[2]?.headers['x-reason']).toContain('eventId');
  });

  it('the metrics contain the handled events and the lag of every group', async () => {
    const lag = /stampede_consumer_lag_events\{group="coupon.payments",topic="payment.completed.v1"\} \d/;
    // Measured every few seconds.
    await until(async () => lag.test((await on.call('GET', '/metrics')).text));
    const { text } = await on.call('GET', '/metrics');
    expect(text).toMatch(/stampede_events_handled_total\{group="coupon.payments"\} [1-9]/);
    expect(text).toMatch(/stampede_dead_letters_total\{group="coupon.payments"\} 4/);
  });
});
