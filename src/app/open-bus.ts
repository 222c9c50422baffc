import { hkdfSync } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { EventBus } from '../platform/events/bus.ts';
import { inProcessBus } from '../platform/events/bus-in-process.ts';
import type { EventCheck } from '../platform/events/check.ts';
import type { DeadLetters } from '../platform/events/dead-letters.ts';
import type { SignatureSettings } from '../platform/events/kafka/signatures.ts';
import { DEAD_LETTER_SUFFIX } from '../platform/events/kafka/topic-names.ts';
import type { Config } from './config.ts';
import { CONSUMED, OWN_PRODUCER, OWNERS, SIGNED_TOPICS } from './event-catalogue.ts';
import { ALL, type Target } from './parts.ts';

interface OpenBus {
  readonly bus: EventBus;
  readonly ping: Readonly<Record<string, () => Promise<void>>>;
}
interface BusParts {
  readonly check: EventCheck;
  readonly deadLetters: DeadLetters;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** The relay has checked events that are delivered in process; Kafka also delivers events of other producers. */
export async function openBus(config: Config, { check, deadLetters, metrics, log }: BusParts): Promise<OpenBus> {
  const { kafka: settings, target = ALL, shards } = config;
  if (settings === undefined) return { bus: inProcessBus({ deadLetters, metrics, log }), ping: {} };
  // Loaded only where it is used: the client of Kafka takes about as long to load as all of the rest.
  const { kafkaBus } = await import('../platform/events/bus-kafka.ts');
  const signatures = signaturesOf(config);
  const groupSuffix = shards.own ? `.${shards.own}` : '';
  const bus = kafkaBus({ settings, check, signatures, ownTopics: ownTopicsOf(target), groupSuffix, metrics, log });
  return { bus, ping: { kafka: () => bus.ping() } };
}

/**
 * A process that hosts everything owns every topic, and creates each when it is first needed. Others create theirs for consumers elsewhere,
 * and those for the dead letters of such consumers.
 */
function ownTopicsOf({ parts, isComplete }: Target): readonly string[] | undefined {
  if (isComplete) return undefined;
  const topics = [...parts].flatMap((part) => (part === 'gateway' ? [] : OWNERS[part]));
  return [...topics, ...topics.filter((name) => CONSUMED.has(name)).map((name) => name + DEAD_LETTER_SUFFIX)];
}

const DERIVED_KEY_BYTES = 32;

/**
 * A process that hosts everything signs with a key that follows from its secret. Of several processes each shares its secrets with others,
 * which must not be able to sign, so the ones that do have a key of their own (target-problems.ts), and the others have none.
 */
function signaturesOf({ paymentEvents, jwtSecrets, target = ALL }: Config): SignatureSettings | undefined {
  const { trustAcl, keys } = paymentEvents;
  if (trustAcl) return undefined;
  if (!target.isComplete) return { topics: SIGNED_TOPICS, keys, producer: OWN_PRODUCER };
  const derived = jwtSecrets.map((secret) =>
    Buffer.from(hkdfSync('sha256', secret, '', 'stampede signed events', DERIVED_KEY_BYTES)),
  );
  // It is accepted beside a key of its own: events that it signed may still be waiting.
  const own = [...(keys.get(OWN_PRODUCER) ?? []), ...derived];
  return { topics: SIGNED_TOPICS, keys: new Map([...keys, [OWN_PRODUCER, own]]), producer: OWN_PRODUCER };
}

/** Before anything is opened. Loaded only where it is used, as above. @throws StartError */
export async function checkKafka({ kafka }: Config, log: Logger): Promise<void> {
  if (kafka === undefined) return;
  const { canAccess } = await import('../platform/events/kafka/access.ts');
  const { security, brokers } = kafka;
  const reached = await canAccess(kafka);
  const about = { brokers, tls: security?.tls !== undefined, sasl: security?.sasl?.mechanism ?? 'none', reached };
  if (reached) log.debug(about, 'Kafka accepts this process');
  else log.warn(about, 'Kafka is away; events wait in the outbox');
}
