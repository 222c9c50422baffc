import { z } from 'zod';

/** The definition of a topic, by the context that produces it (for payments: that consumes it). */
export interface Topic<Data extends z.ZodObject = z.ZodObject> {
  /** A sentence in the past tense. */
  readonly summary: string;
  /** Which field of the data is the Kafka key: order holds per value of it. */
  readonly key: string & keyof z.output<Data>;
  /**
   * Every field with its description. Consumers ignore fields that they do not know, so adding one is compatible; anything
   * else is a new topic.
   */
  readonly data: Data;
  readonly example: z.input<Data>;
  /** Is it accepted from Kafka only with the signature of a known producer? Absent: no. */
  readonly isSigned?: true;
}

/** The topics of one context, by name. */
export type Topics = Readonly<Record<string, Topic>>;

/** Keeps the types of the fields, so that `DataByTopic` knows them. */
export const topic = <Data extends z.ZodObject>(stated: Topic<Data>): Topic<Data> => stated;

/** What `data` is, by topic: `DataByTopic<typeof COUPON_EVENTS>['coupon.issued']`. */
export type DataByTopic<Of extends Topics> = {
  readonly [Name in keyof Of]: Of[Name] extends Topic<infer Data> ? Readonly<z.output<Data>> : never;
};

const text = (max: number, description: string) => z.string().min(1).max(max).meta({ description });

/** The envelope around `data`, the same on every topic. */
export const envelopeOf = (eventType: string, data: z.ZodObject) =>
  z.object({
    eventId: text(200, 'Unique. Consumers handle each id once, however often it is delivered'),
    // Not compared: the topic identifies the event, and other producers use other names.
    eventType: text(100, 'The topic in upper snake case').meta({ examples: [eventType] }),
    timestamp: anyInstant('When it was written (RFC 3339)'),
    data,
    metadata: z.object({
      correlationId: text(200, 'The request or batch that caused the event'),
      source: text(100, 'The producer'),
      version: text(20, 'The version of the envelope'),
    }),
  });

/** A 63-bit id. Decimal text, because JSON's numbers end at 2^53. */
export const id = (description: string) =>
  z
    .string()
    .regex(/^\d{1,19}$/)
    .meta({ description });

/** Smallest unit of the currency, 0 or more. */
export const amount = (description: string) =>
  z
    .string()
    .regex(/^\d{1,19}$/)
    .meta({ description: `${description}; smallest unit of the currency` });

/** As this system writes moments: UTC, with milliseconds. */
export const instant = (description: string) =>
  z.iso.datetime({ precision: 3 }).meta({ description: `${description} (RFC 3339, UTC)` });

/** As others may write moments: with any offset and precision. */
export const anyInstant = (description: string) => z.iso.datetime({ offset: true }).meta({ description });
