import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { KafkaRecord } from '@platformatic/kafka';
import type { Counter } from 'prom-client';

/**
 * Signatures of messages whose producer has to be known: HMAC-SHA256 over
 *
 *     v1 \n topic \n producer \n time \n bytes of the key \n key \n value
 *
 * with the topic's name on the cluster and `time` in ms since 1970. Neither a topic, a producer nor a time contains a line break, and
 * the length of the key is stated, so that no two messages have the same text. `time` says when it was signed. It is not compared with
 * a clock: a message may wait on its topic for days, and its consumers handle each event id once.
 */
export const PRODUCER_HEADER = 'stampede-producer';
export const TIME_HEADER = 'stampede-time';
/** `v1,<base64>`; several are separated by blanks, while a producer changes its key. */
export const SIGNATURE_HEADER = 'stampede-signature';

const [PRODUCER_BYTES, TIME_BYTES, SIGNATURE_BYTES] = [
  Buffer.from(PRODUCER_HEADER),
  Buffer.from(TIME_HEADER),
  Buffer.from(SIGNATURE_HEADER),
] as const;
const SIGNATURES_MAX = 5;
const PRODUCER_CHARS_MAX = 64;

export interface SignatureSettings {
  /** The topics of which only signed messages are handled, without the prefix. */
  readonly topics: ReadonlySet<string>;
  /** The keys of each producer; any of them may have signed. */
  readonly keys: ReadonlyMap<string, readonly Buffer[]>;
  /** The producer that this process is. The first of its keys signs; without one this process cannot publish on these topics. */
  readonly producer: string;
}

export type RejectedSignature = 'missing' | 'unknown producer' | 'wrong';

export interface Signatures {
  /** Returns the headers of the signature; none for a topic that needs none. */
  sign(topic: string, message: SignedMessage): Readonly<Record<string, string>>;
  /** Returns why the message is not accepted, or undefined. `topic` is without the prefix. */
  problemOf(topic: string, message: SignedMessage, headers: KafkaRecord['headers']): string | undefined;
}

interface SignedMessage {
  /** The name on the cluster. */
  readonly clusterTopic: string;
  readonly key: Buffer | null;
  readonly value: Buffer;
}

/** @param rejected counts the messages that are not accepted */
export function messageSignatures(
  settings: SignatureSettings,
  rejected: Counter<'topic' | 'reason'>,
  now: () => number = Date.now,
): Signatures {
  const { topics, producer } = settings;
  // Made once: an HMAC with a new key takes 10 us, one with a key object 2 us, and each group checks every payment.
  const keys = new Map([...settings.keys].map(([name, own]) => [name, own.map((key) => createSecretKey(key))]));
  const [signingKey] = keys.get(producer) ?? [];

  function check(message: SignedMessage, headers: KafkaRecord['headers']): RejectedSignature | undefined {
    const from = headerOf(headers, PRODUCER_BYTES);
    const time = headerOf(headers, TIME_BYTES);
    const given = headerOf(headers, SIGNATURE_BYTES)?.split(' ', SIGNATURES_MAX).flatMap(digestIn) ?? [];
    if (from === undefined || time === undefined || !/^\d{1,15}$/.test(time) || given.length === 0) return 'missing';
    const known = from.length > PRODUCER_CHARS_MAX ? undefined : keys.get(from);
    if (known === undefined) return 'unknown producer';
    const isRight = known.some((key) => {
      const digest = digestOf(key, from, time, message);
      return given.some((one) => timingSafeEqual(one, digest));
    });
    return isRight ? undefined : 'wrong';
  }

  return {
    sign(topic, message) {
      if (!topics.has(topic)) return {};
      if (signingKey === undefined) throw new Error(`${topic} is signed, and the producer ${producer} has no key here`);
      const time = String(now());
      return {
        [PRODUCER_HEADER]: producer,
        [TIME_HEADER]: time,
        [SIGNATURE_HEADER]: `v1,${digestOf(signingKey, producer, time, message).toString('base64')}`,
      };
    },
    problemOf(topic, message, headers) {
      if (!topics.has(topic)) return undefined;
      const reason = check(message, headers);
      if (reason === undefined) return undefined;
      rejected.inc({ topic, reason });
      return TEXTS[reason];
    },
  };
}

const TEXTS: Readonly<Record<RejectedSignature, string>> = {
  missing: `not signed: needs the headers ${PRODUCER_HEADER}, ${TIME_HEADER} and ${SIGNATURE_HEADER}`,
  'unknown producer': 'not signed by a known producer: it has no key here',
  wrong: 'the signature is not that of this message: it was made with another key, or the message was changed',
};

const digestOf = (key: KeyObject, producer: string, time: string, { clusterTopic, key: own, value }: SignedMessage) =>
  createHmac('sha256', key)
    .update(`v1\n${clusterTopic}\n${producer}\n${time}\n${own?.length ?? 0}\n`)
    .update(own ?? '')
    .update('\n')
    .update(value)
    .digest();

/** A header that occurs twice is none: others might read the other one. */
function headerOf(headers: KafkaRecord['headers'], wanted: Buffer): string | undefined {
  let found: Buffer | null | undefined;
  for (const [name, value] of headers) {
    if (name === null || !wanted.equals(name)) continue;
    if (found !== undefined) return undefined;
    found = value;
  }
  return found?.toString();
}

/** Of other versions than v1 nothing is known. */
function digestIn(signature: string): readonly Buffer[] {
  return /^v1,[A-Za-z0-9+/]{43}=$/.test(signature) ? [Buffer.from(signature.slice('v1,'.length), 'base64')] : [];
}
