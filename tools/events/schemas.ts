import { z } from 'zod';
import { eventTypeOf } from '../../src/platform/events/expand.ts';
import { envelopeOf, type Topic } from '../../src/platform/events/topic.ts';

/** The whole event as it is stored on the topic, with the example's data. */
export function exampleOf(name: string, { example }: Topic, producer: string) {
  return {
    eventId: producer === 'payment' ? 'evt_5f1c' : '9f2c01d4a7be3306-7330011234999999:0',
    eventType: eventTypeOf(name),
    timestamp: '2026-01-02T03:06:00.512Z',
    data: example,
    metadata: { correlationId: '9f2c01d4a7be3306-7330011234999999', source: producer, version: '1.0' },
  };
}

/** JSON Schema 2020-12 of the whole event. */
export function schemaFile(name: string, topic: Topic, producer: string) {
  const { $schema, ...schema } = jsonSchema(name, topic, 'draft-2020-12');
  return {
    $schema,
    $id: `${name}.json`,
    title: name,
    description: topic.summary,
    ...schema,
    examples: [exampleOf(name, topic, producer)],
  };
}

/** What AsyncAPI 3 understands without further notice. */
export function asyncApiPayload(name: string, topic: Topic) {
  const { $schema: _, ...schema } = jsonSchema(name, topic, 'draft-7');
  return schema;
}

// Of what may come in: unknown fields are allowed, so that one may be added.
const jsonSchema = (name: string, { data }: Topic, target: 'draft-2020-12' | 'draft-7') =>
  z.toJSONSchema(envelopeOf(eventTypeOf(name), data), {
    io: 'input',
    target,
    // The format is enough; zod's pattern, which handles leap years, is unreadable.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
