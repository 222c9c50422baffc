import { CONSUMERS, PRODUCERS } from '../../src/app/event-catalogue.ts';
import type { Topic } from '../../src/platform/events/topic.ts';
import { asyncApiPayload, exampleOf } from './schemas.ts';

const KAFKA = '0.5.0';
const ABOUT = `What Stampede publishes on Kafka and what it reads there, when KAFKA_BROKERS is set. Without, the same events stay in the
process. Delivery is at least once, in order per key; eventId is what consumers deduplicate by.`;

/** The AsyncAPI 3.0 document of all topics. */
export function asyncApiDocument(version: string) {
  const topics = Object.entries(PRODUCERS).flatMap(([producer, of]) =>
    Object.entries(of).map(([name, topic]) => ({ name, topic, producer })),
  );
  return {
    asyncapi: '3.0.0',
    info: { title: 'Stampede events', version, description: oneLine(ABOUT), license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      topics.flatMap(({ name, topic }) => [
        [name, channel(name, topic.summary)],
        [deadLetters(name), { ...channel(deadLetters(name), deadLettersOf(name)), messages: messages(name) }],
      ]),
    ),
    operations: Object.fromEntries([
      ...topics.map(({ name, producer }) => [`${producer}.publishes.${name}`, operation('send', name, producer)]),
      ...Object.entries(CONSUMERS).flatMap(([context, names]) =>
        names.map((name) => [`${context}.handles.${name}`, operation('receive', name, context)]),
      ),
    ]),
    components: {
      messages: Object.fromEntries(topics.map(({ name, topic, producer }) => [name, message(name, topic, producer)])),
    },
  };
}

const deadLetters = (name: string): string => `${name}.DLQ`;
const deadLettersOf = (name: string): string =>
  `Events of ${name} that a consumer could not handle, as they were, with the reason in their headers`;

const messages = (name: string) => ({ [name]: { $ref: `#/components/messages/${name}` } });

const channel = (name: string, summary: string) => ({
  address: name,
  summary,
  messages: messages(name),
  bindings: { kafka: { topic: name, bindingVersion: KAFKA } },
});

const operation = (action: 'send' | 'receive', name: string, context: string) => ({
  action,
  channel: { $ref: `#/channels/${name}` },
  messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
  tags: [{ name: context }],
});

function message(name: string, topic: Topic, producer: string) {
  const key = topic.data.shape[topic.key]?.description ?? topic.key;
  return {
    name,
    title: name,
    summary: topic.summary,
    contentType: 'application/json',
    headers: topic.isSigned ? SIGNED_HEADERS : HEADERS,
    bindings: {
      kafka: { key: { type: 'string', description: `${topic.key}: ${key}` }, bindingVersion: KAFKA },
    },
    payload: asyncApiPayload(name, topic),
    examples: [{ payload: exampleOf(name, topic, producer) }],
  };
}

const HEADERS = {
  type: 'object',
  properties: {
    eventId: { type: 'string', description: 'As in the event; absent where others produce' },
    eventType: { type: 'string', description: 'As in the event; absent where others produce' },
    'x-replay-group': {
      type: 'string',
      description: 'On a replayed dead letter: the consumer group that gave it up. Every other group skips the message',
    },
  },
};

const SIGNED_HEADERS = {
  ...HEADERS,
  required: ['stampede-producer', 'stampede-time', 'stampede-signature'],
  properties: {
    ...HEADERS.properties,
    'stampede-producer': { type: 'string', description: 'The name of the producer whose key signs' },
    'stampede-time': { type: 'string', description: 'When it was signed, in ms since 1970' },
    'stampede-signature': { type: 'string', description: 'v1, and the base64 of an HMAC-SHA256; see docs/events.md' },
  },
};

const oneLine = (text: string): string => text.replaceAll('\n', ' ');
