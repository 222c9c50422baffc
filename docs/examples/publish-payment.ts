/**
 * How a payment provider reports a payment on Kafka: a program of its own, which needs a Kafka client and the HMAC-SHA256 of its platform.
 *
 *     KAFKA_BROKERS=127.0.0.1:9092 PAYMENT_KEY=$(openssl rand -base64 32) node publish-payment.ts order-981
 *
 * Stampede knows the key by PAYMENT_EVENT_KEYS=my-provider:<PAYMENT_KEY>.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { compatibilityPartitioner, Producer } from '@platformatic/kafka';

const PRODUCER = 'my-provider';
const TOPIC = `${process.env['KAFKA_TOPIC_PREFIX'] ?? ''}payment.completed.v1`;

// --- begin of the signature
/** The headers that sign a message: HMAC-SHA256 over its topic, its producer, the time in ms, its key and its value. */
function signatureOf(secret: Buffer, topic: string, key: Buffer, value: Buffer): Record<string, string> {
  const time = String(Date.now());
  const digest = createHmac('sha256', secret)
    .update(`v1\n${topic}\n${PRODUCER}\n${time}\n${key.length}\n`)
    .update(key)
    .update('\n')
    .update(value)
    .digest('base64');
  return { 'stampede-producer': PRODUCER, 'stampede-time': time, 'stampede-signature': `v1,${digest}` };
}
// --- end of the signature

const [orderId = 'order-981', userId = '42', amount = '27000'] = process.argv.slice(2);
const now = new Date().toISOString();
const key = Buffer.from(orderId);
const value = Buffer.from(
  JSON.stringify({
    eventId: `my-provider-${randomUUID()}`,
    eventType: 'PAYMENT_COMPLETED_V1',
    timestamp: now,
    data: { paymentId: `pay-${orderId}`, orderId, userId, amount, completedAt: now },
    metadata: { correlationId: orderId, source: PRODUCER, version: '1.0' },
  }),
);
const secret = Buffer.from(process.env['PAYMENT_KEY'] ?? '', 'base64');
const producer = new Producer({
  clientId: PRODUCER,
  bootstrapBrokers: (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(','),
  // As in the Java clients: the events of an order are in one partition, whoever writes them.
  partitioner: compatibilityPartitioner,
});
try {
  const headers = new Map(
    Object.entries(signatureOf(secret, TOPIC, key, value)).map(([name, text]) => [
      Buffer.from(name),
      Buffer.from(text),
    ]),
  );
  await producer.send({ messages: [{ topic: TOPIC, key, value, headers }], acks: -1 });
} finally {
  await producer.close();
}
