import { createHash } from 'node:crypto';
import type { KafkaRecord } from '@platformatic/kafka';
import { z } from 'zod';
import type { Delivery, EventEnvelope } from '../bus.ts';
import type { EventCheck } from '../check.ts';
import { REASON_CHARS_MAX } from '../dead-letters.ts';
import { envelopeOf } from '../topic.ts';
import type { OutgoingMessage } from './publisher.ts';
import type { Signatures } from './signatures.ts';
import { DEAD_LETTER_SUFFIX } from './topic-names.ts';

export type IncomingCheck = Pick<EventCheck, 'incoming'>;

const ANY_DATA = envelopeOf('', z.looseObject({}));

/** Checks the envelope only. */
export const envelopeCheck: IncomingCheck = {
  incoming(_topic, event) {
    const [issue] = ANY_DATA.safeParse(event).error?.issues ?? [];
    return issue && `not an event: ${issue.path.join('.') || 'the message'}: ${issue.message}`;
  },
};

/** The position of a message. `topic` is the name on the cluster. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export interface FetchedRecord {
  readonly place: Place;
  readonly record: KafkaRecord;
  /** Why the batch was not read for which this stands. Its record is empty. */
  readonly refused?: string;
}

/** A received message, with its event when it can be read. */
export interface Received {
  readonly place: Place;
  readonly record: KafkaRecord;
  readonly content:
    | { readonly kind: 'event'; readonly delivery: Delivery }
    | { readonly kind: 'unreadable'; readonly reason: string };
}

/** The header that names the only group that handles a message: the group whose dead letter it replays. */
export const REPLAY_GROUP = 'x-replay-group';

/** Returns whether this consumer group handles the record. Reads only the header, so it works for unreadable messages, too. */
export function isMeantFor(group: string, { headers }: Pick<KafkaRecord, 'headers'>): boolean {
  const [, named] = headers.find(([name]) => name?.toString() === REPLAY_GROUP) ?? [];
  return named == null || named.toString() === group;
}

export interface EncodeOptions {
  readonly prefix: string;
  /** Absent: every group handles it. */
  readonly onlyGroup?: string | undefined;
  /** Absent: nothing is signed. */
  readonly signatures?: Pick<Signatures, 'sign'> | undefined;
}

export function encode(delivery: Delivery, { prefix, onlyGroup, signatures }: EncodeOptions): OutgoingMessage {
  const { event } = delivery;
  const topic = prefix + delivery.topic;
  const key = Buffer.from(delivery.key);
  const value = Buffer.from(JSON.stringify(event));
  return {
    topic,
    key,
    value,
    headers: textHeaders({
      eventId: event.eventId,
      eventType: event.eventType,
      ...(onlyGroup === undefined ? {} : { [REPLAY_GROUP]: onlyGroup }),
      ...signatures?.sign(delivery.topic, { clusterTopic: topic, key, value }),
    }),
  };
}

export interface DecodeOptions {
  readonly prefix: string;
  readonly check: IncomingCheck;
  /** Absent: every producer is accepted. */
  readonly signatures?: Pick<Signatures, 'problemOf'> | undefined;
}

export function decode({ place, record, refused }: FetchedRecord, options: DecodeOptions): Received {
  if (refused !== undefined) return { place, record, content: { kind: 'unreadable', reason: refused } };
  return { place, record, content: contentOf(place, record, options) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The signature comes first: nothing that an unknown producer wrote is parsed. */
function contentOf(place: Place, record: KafkaRecord, options: DecodeOptions): Received['content'] {
  const { prefix, check, signatures } = options;
  if (record.value === null) return { kind: 'unreadable', reason: 'the message has no value' };
  const topic = place.topic.slice(prefix.length);
  const signed = { clusterTopic: place.topic, key: record.key, value: record.value };
  const forged = signatures?.problemOf(topic, signed, record.headers);
  if (forged !== undefined) return { kind: 'unreadable', reason: forged };
  try {
    const event: unknown = JSON.parse(utf8.decode(record.value));
    const wrong = check.incoming(topic, event);
    if (wrong !== undefined) return { kind: 'unreadable', reason: wrong };
    return { kind: 'event', delivery: { topic, key: record.key?.toString() ?? '', event: event as EventEnvelope } };
  } catch (error) {
    return { kind: 'unreadable', reason: String(error) };
  }
}

/** Bytes of a dead letter. Brokers take 1 MB by default, and what was compressed on its topic is not on that of dead letters. */
export const LETTER_BYTES_MAX = 800_000;
/** Bytes of a dead letter that a broker refused as too large: it has another limit. */
export const SHORT_LETTER_BYTES_MAX = 8_000;

/** The header of a letter that is not the whole message: the bytes of its value. */
export const CUT_HEADER = 'x-cut-from-bytes';
/** With it: the SHA-256 of the whole value, in hexadecimal. */
const CUT_DIGEST_HEADER = 'x-cut-from-sha256';

export interface DeadLetterMessageOptions {
  readonly group: string;
  readonly reason: string;
  readonly failedAt: Date;
  readonly bytesMax: number;
}

/**
 * Returns the message for the dead letter topic, with headers for the group, the reason and the original position. It is unchanged if it
 * has no more than `bytesMax`. Otherwise key and value are cut, its own headers left out, and headers say so: the original stands at its position
 * for as long as its topic keeps it.
 */
export function deadLetterMessage({ place, record }: Received, options: DeadLetterMessageOptions): OutgoingMessage {
  const { group, reason, failedAt, bytesMax } = options;
  const isCut = bytesOf(record) > bytesMax;
  const about = {
    'x-reason': reason.slice(0, REASON_CHARS_MAX),
    'x-group': group,
    'x-original-topic': place.topic,
    'x-original-partition': String(place.partition),
    'x-original-offset': String(place.offset),
    'x-failed-at': failedAt.toISOString(),
    ...(isCut
      ? {
          [CUT_HEADER]: String(record.value?.length ?? 0),
          [CUT_DIGEST_HEADER]: sha256(record.value ?? Buffer.alloc(0)),
        }
      : {}),
  };
  const headers = textHeaders(about);
  for (const [name, value] of isCut ? [] : record.headers) {
    // A replayed message that fails again still carries the headers of its first failure.
    if (name !== null && name.toString() !== REPLAY_GROUP && !(name.toString() in about))
      headers.set(name, value ?? Buffer.alloc(0));
  }
  return {
    topic: place.topic + DEAD_LETTER_SUFFIX,
    key: isCut ? record.key?.subarray(0, KEY_BYTES_MAX) : (record.key ?? undefined),
    value: isCut ? record.value?.subarray(0, bytesMax - KEY_BYTES_MAX) : (record.value ?? undefined),
    headers,
  };
}

/** Of a cut letter. */
const KEY_BYTES_MAX = 1_000;

const bytesOf = ({ key, value, headers }: KafkaRecord): number =>
  headers.reduce(
    (sum, [name, text]) => sum + HEADER_BYTES + (name?.length ?? 0) + (text?.length ?? 0),
    (key?.length ?? 0) + (value?.length ?? 0),
  );
const HEADER_BYTES = 10;

const sha256 = (value: Buffer): string => createHash('sha256').update(value).digest('hex');

const textHeaders = (values: Readonly<Record<string, string>>): Map<Buffer, Buffer> =>
  new Map(Object.entries(values).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]));
