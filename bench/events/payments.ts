import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Delivery } from '../../src/platform/events/bus.ts';
import { busMetrics } from '../../src/platform/events/bus-metrics.ts';
import { kafkaPublisher } from '../../src/platform/events/kafka/publisher.ts';
import { encode } from '../../src/platform/events/kafka/records.ts';
import type { KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { messageSignatures } from '../../src/platform/events/kafka/signatures.ts';
import { kafkaTopics } from '../../src/platform/events/kafka/topics.ts';

export const TOPIC = 'payment.completed.v1';

/** The payment of coupon n, as a provider writes it. Its id is the provider's, too. */
export function payment(n: number): Delivery {
  const data = {
    paymentId: `pay_${n}`,
    orderId: `o-${n}`,
    userId: String(n),
    amount: '27000',
    couponId: String(n),
    reservationId: `r-${n}`,
    completedAt: '2026-01-02T03:06:00Z',
  };
  const metadata = { correlationId: `pay_${n}`, source: 'provider', version: '1.0' };
  const timestamp = '2026-01-02T03:06:00.512Z';
  return {
    topic: TOPIC,
    key: `o-${n}`,
    event: { eventId: `evt_${n}`, eventType: 'PAYMENT_COMPLETED_V1', timestamp, data, metadata },
  };
}

/**
 * The coupons that the messages pay for, in order. With duplicates each occurs twice: half of them at once, as when a provider gets no
 * response, half of them much later, as in a replay.
 */
export function paidFor(messages: number, duplicates: boolean): readonly number[] {
  if (!duplicates) return Array.from({ length: messages }, (_, index) => index + 1);
  const order: number[] = [];
  const late: number[] = [];
  for (let n = 1; n <= messages / 2; n++) {
    order.push(n);
    if (n % 2 === 0) order.push(n);
    else late.push(n);
  }
  return [...order, ...late];
}

const AT_ONCE = 5_000;

/** The provider that reports them, for PAYMENT_EVENT_KEYS. */
const PROVIDER_KEY = Buffer.alloc(32, 'bench');
export const PROVIDER_KEYS = `provider:${PROVIDER_KEY.toString('base64')}`;
const signatures = messageSignatures(
  { topics: new Set([TOPIC]), keys: new Map([['provider', [PROVIDER_KEY]]]), producer: 'provider' },
  busMetrics(new Registry()).rejectedSignatures,
);

/** Publishes them on their topic, completely before a consumer starts. */
export async function preload(settings: KafkaSettings, coupons: readonly number[]): Promise<void> {
  const publisher = kafkaPublisher(settings, kafkaTopics(settings), pino({ level: 'silent' }));
  for (let from = 0; from < coupons.length; from += AT_ONCE) {
    await publisher.publish(
      coupons.slice(from, from + AT_ONCE).map((n) => encode(payment(n), { prefix: settings.prefix, signatures })),
    );
  }
  await publisher.stop();
}
