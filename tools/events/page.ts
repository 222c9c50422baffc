import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CONSUMERS, PRODUCERS, SIGNED_TOPICS } from '../../src/app/event-catalogue.ts';
import type { Topic } from '../../src/platform/events/topic.ts';
import { exampleOf } from './schemas.ts';

const INTRODUCTION = `# Events

Every fact is published by the transaction that made it true: it is written to an outbox there, and a relay hands it on after the commit. Without
\`KAFKA_BROKERS\` the contexts of the process are the only consumers; with it every event goes to Kafka, one topic a kind.

- **Delivery** is at least once. \`eventId\` is unique, also over several databases of this system: handle each id once. It is text
  without a meaning; ids of this system have the form \`<source>-<row>:<index>\`, older ones \`<row>:<index>\`.
- **Order** holds per key. The key of each topic is in the table; on Kafka it is the record's key.
- **Fields** are only ever added. Ignore those that you do not know. Ids and amounts are decimal text: JSON's numbers end at 2^53.
- **What cannot be handled** is kept with the reason, for consumers in process in the database, on Kafka in \`<topic>.DLQ\`: when it does not
  fit its schema, and when a consumer failed five times on it. It stays there until it is replayed, which is safe at any age: it goes to the
  consumer group that gave it up alone. On Kafka a replayed message is on its topic again with the header \`x-replay-group\`, which names that
  group; every other group skips it. A consumer of your own should do the same.
- **Schemas**: [events/schemas](../events/schemas) has one JSON Schema (2020-12) a topic, [events/asyncapi.json](../events/asyncapi.json) is the
  AsyncAPI 3.0 document of all. What is published is checked against them, and what arrives, too.

\`\`\`
stampede events tail                        # events as they happen, one line each
stampede events tail --topic coupon.issued --json
stampede dlq list                           # what could not be handled, and why
stampede dlq show 9f2c01d4a7be3306-7330011234999999:0
stampede dlq replay 9f2c01d4a7be3306-7330011234999999:0      # or --all: hand it to its consumer again
\`\`\`

This page, the schemas and the document are generated from \`src/contexts/*/events.ts\` (\`npm run generate\`).
`;

const EXAMPLE = 'docs/examples/publish-payment.ts';

/** The function of the example, which a test runs. */
function signingCode(): string {
  const [, code] = /--- begin of the signature\n(.*?)\/\/ --- end/s.exec(readFileSync(EXAMPLE, 'utf8')) ?? [];
  if (code === undefined) throw new Error(`${EXAMPLE} has no function between its two marks`);
  return code.trim();
}

const signing = (): string => `## Signed events

On Kafka a message of ${[...SIGNED_TOPICS].map((name) => `\`${name}\``).join(' or ')} is accepted only with the signature of a known producer. Otherwise anybody who can
write to the topic could mark an order paid. What is not signed, was changed, or is signed with another key becomes a dead letter of each consumer group, has
no effect, and is counted by \`stampede_event_signatures_rejected_total\`. Three headers sign a message:

| Header | Content |
|---|---|
| \`stampede-producer\` | The name of the producer, as in \`PAYMENT_EVENT_KEYS\` |
| \`stampede-time\` | When it was signed, in ms since 1970 |
| \`stampede-signature\` | \`v1,\` and the base64 of an HMAC-SHA256; several are separated by blanks, for example of the old and the new key |

The HMAC is over \`v1\`, the topic (with its prefix), the producer, the time and the number of bytes of the key, each followed by a line feed, then the key, a line
feed and the value:

\`\`\`ts
${signingCode()}
\`\`\`

[${EXAMPLE}](${EXAMPLE.replace('docs/', '')}) is a whole program. The time is not compared with a clock, since a message may wait for days. A copy of a signed message
has no further effect: its \`eventId\` is signed, consumers handle each id once, and a payment is applied to its order once. Stampede signs its own payments as the producer
\`stampede\`. To change a key, list both for a while: \`PAYMENT_EVENT_KEYS=my-provider:<new>,my-provider:<old>\`; any of them is accepted. With
\`PAYMENT_EVENTS=trust-acl\` nothing is checked, and the access rules of the brokers ([kafka-acls.sh](kafka-acls.sh)) decide alone.
`;

/** docs/events.md. */
export function eventsPage(): string {
  const topics = Object.entries(PRODUCERS).flatMap(([producer, of]) =>
    Object.entries(of).map(([name, topic]) => ({ name, topic, producer })),
  );
  return [
    INTRODUCTION,
    signing(),
    '## Topics\n',
    '| Topic | Producer | Consumers here | Key | What happened |',
    '|---|---|---|---|---|',
    ...topics.map(
      ({ name, topic, producer }) =>
        `| [${name}](#${anchor(name)}) | ${PRODUCER_NAMES[producer] ?? producer} | ${consumersOf(name)} | ${topic.key} | ${topic.summary} |`,
    ),
    '',
    ...topics.flatMap(({ name, topic, producer }) => section(name, topic, producer)),
  ].join('\n');
}

const PRODUCER_NAMES: Readonly<Record<string, string>> = { payment: 'payment provider' };

/** As renderers of Markdown name headings. */
const anchor = (name: string): string => name.replaceAll('.', '');

const consumersOf = (name: string): string =>
  Object.entries(CONSUMERS)
    .filter(([, names]) => names.includes(name))
    .map(([context]) => context)
    .join(', ');

function section(name: string, topic: Topic, producer: string): string[] {
  return [
    `## ${name}\n`,
    `${topic.summary}.\n`,
    '| Field | Type | Meaning |',
    '|---|---|---|',
    ...Object.entries(topic.data.shape).map(
      ([field, schema]) => `| ${field} | ${typeOf(schema as z.ZodType)} | ${(schema as z.ZodType).description ?? ''} |`,
    ),
    '',
    '```json',
    JSON.stringify(exampleOf(name, topic, producer), undefined, 2),
    '```',
    '',
  ];
}

interface Shape {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly format?: string;
  readonly anyOf?: readonly Shape[];
}

/** In the words of JSON Schema, short. */
function typeOf(schema: z.ZodType): string {
  const words = wordsOf(z.toJSONSchema(schema, { io: 'input' }) as Shape);
  return schema.safeParse(undefined).success ? `${words}, optional` : words;
}

function wordsOf(shape: Shape): string {
  if (shape.anyOf) return shape.anyOf.map(wordsOf).join(' or ');
  if (shape.enum) return shape.enum.join(' or ');
  return shape.const ?? shape.format ?? [shape.type].flat().join(' or ');
}
