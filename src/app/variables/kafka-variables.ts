import { z } from 'zod';
import type { KafkaSasl, KafkaSecurity, KafkaTls } from '../../platform/events/kafka/security.ts';
import type { KafkaSettings } from '../../platform/events/kafka/settings.ts';
import { isLoopback, isLoopbackHost, withoutLogins } from '../../platform/kernel/host-port.ts';
import { onOrOff, wholeNumber } from './schemas.ts';
import { PEM_FILE, type ValuesOf, type Variables } from './variable.ts';

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
const REPLICATION_MAX = 9;
/** A durable topic is on three brokers, of which one may be away. */
const DURABLE_REPLICATION = 3;
const PRODUCER = /^[a-z0-9][a-z0-9._-]{0,62}$/;
/** HMAC-SHA256 is as strong as its key: RFC 2104 wants at least the 256 bits of the hash. */
const KEY_MIN_BYTES = 32;
const KEY_MAX_BYTES = 128;

/** The keys of each producer of payment events. The first one of a producer is its present one. */
export type ProducerKeys = ReadonlyMap<string, readonly Buffer[]>;

/** How payment events on Kafka are accepted. */
export interface PaymentEventSettings {
  /** Is every message accepted, because only those may write to the topic whom the brokers allow? */
  readonly trustAcl: boolean;
  readonly keys: ProducerKeys;
}

/** Everything about Kafka, in the order of docs/configuration.md. */
export const KAFKA_VARIABLES = {
  KAFKA_BROKERS: {
    schema: z
      .string()
      .regex(/^[\w.-]+:\d{1,5}(,[\w.-]+:\d{1,5})*$/, 'must be host:port, several of them separated by commas')
      .transform((brokers) => brokers.split(','))
      .optional(),
    advice: 'Set for example KAFKA_BROKERS=127.0.0.1:9092, or leave it out to keep events in this process.',
  },
  KAFKA_PARTITIONS: {
    schema: wholeNumber(1, 1_000).prefault('6'),
    advice: 'Set for example KAFKA_PARTITIONS=6.',
  },
  KAFKA_TOPIC_PREFIX: {
    schema: z
      .string()
      .regex(/^[\w.-]{1,100}$/, 'must be letters, digits, dots, hyphens and underscores, 100 at most')
      .optional(),
    advice: 'Set for example KAFKA_TOPIC_PREFIX=staging., or leave it out.',
  },
  KAFKA_REPLICATION: {
    schema: wholeNumber(1, REPLICATION_MAX).optional(),
    advice: 'Set for example KAFKA_REPLICATION=3, or leave it out.',
  },
  KAFKA_CREATE_TOPICS: {
    schema: onOrOff().default('on'),
    advice: 'Set KAFKA_CREATE_TOPICS=off where topics are created by somebody else.',
  },
  KAFKA_REQUIRE_DURABLE: {
    schema: onOrOff().default('off'),
    advice: 'Set KAFKA_REQUIRE_DURABLE=on on a cluster of three brokers or more.',
  },
  KAFKA_TLS: {
    schema: onOrOff().default('off'),
    advice: 'Set KAFKA_TLS=on to encrypt connections.',
  },
  KAFKA_CA: {
    schema: z.string().optional(),
    advice: 'Set the path of a PEM file, or leave it out for the authorities that Node trusts.',
  },
  KAFKA_CERT: PEM_FILE,
  KAFKA_KEY: PEM_FILE,
  KAFKA_SASL_MECHANISM: {
    schema: z.enum(MECHANISMS, { error: `must be one of ${MECHANISMS.join(', ')}` }).optional(),
    advice: 'Set for example KAFKA_SASL_MECHANISM=SCRAM-SHA-512.',
  },
  KAFKA_USER: {
    schema: z.string().optional(),
    advice: 'Set the name that the brokers know this process by.',
  },
  KAFKA_PASSWORD: {
    schema: z.string().optional(),
    advice: 'Set the password of KAFKA_USER.',
    isSecret: true,
  },
  KAFKA_OAUTH_TOKEN_URL: {
    schema: z
      .string()
      .regex(/^https?:\/\/[^\s#]+$/, 'must be an http or https URL')
      .refine((url) => URL.canParse(url), 'must be an http or https URL')
      .optional(),
    advice: 'Set for example KAFKA_OAUTH_TOKEN_URL=https://login.example.com/oauth2/token.',
  },
  KAFKA_OAUTH_CLIENT_ID: {
    schema: z.string().optional(),
    advice: 'Set the id of a client at the token endpoint.',
  },
  KAFKA_OAUTH_CLIENT_SECRET: {
    schema: z.string().optional(),
    advice: 'Set the secret of that client.',
    isSecret: true,
  },
  KAFKA_OAUTH_SCOPE: {
    schema: z.string().optional(),
    advice: 'Set what the token endpoint calls the access to Kafka, or leave it out.',
  },
  PAYMENT_EVENTS: {
    schema: z.enum(['signed', 'trust-acl'], { error: 'must be signed or trust-acl' }).default('signed'),
    advice: 'Set PAYMENT_EVENTS=trust-acl only where the access rules of the brokers say who writes payments.',
  },
  PAYMENT_EVENT_KEYS: {
    schema: z
      .string()
      .transform((text, context) => {
        const keys = producerKeys(text);
        if (keys !== undefined) return keys;
        context.addIssue(
          `must be producer:base64 of ${KEY_MIN_BYTES} to ${KEY_MAX_BYTES} bytes, several separated by commas`,
        );
        return z.NEVER;
      })
      .optional(),
    advice: 'Set for example PAYMENT_EVENT_KEYS=provider: followed by the output of: openssl rand -base64 32',
    isSecret: true,
  },
} satisfies Variables;
type Name = keyof typeof KAFKA_VARIABLES;

type Given = Readonly<Record<string, string | undefined>>;
const PASSWORD_VARIABLES = ['KAFKA_USER', 'KAFKA_PASSWORD'] as const;
const OAUTH_VARIABLES = ['KAFKA_OAUTH_TOKEN_URL', 'KAFKA_OAUTH_CLIENT_ID', 'KAFKA_OAUTH_CLIENT_SECRET'] as const;
const TLS_VARIABLES = ['KAFKA_CA', 'KAFKA_CERT', 'KAFKA_KEY'] as const;

/** What does not fit together, one line each. */
export function kafkaProblems(given: Given): readonly string[] {
  return [...tlsProblems(given), ...saslProblems(given), ...secrecyProblems(given), ...topicProblems(given)];
}

function tlsProblems(given: Given): readonly string[] {
  if (given['KAFKA_TLS'] !== 'on') {
    return TLS_VARIABLES.filter((name) => given[name] !== undefined).map(
      (name) => `${name} has no effect without KAFKA_TLS=on. ${KAFKA_VARIABLES.KAFKA_TLS.advice}`,
    );
  }
  if ((given['KAFKA_CERT'] === undefined) === (given['KAFKA_KEY'] === undefined)) return [];
  return ['KAFKA_CERT and KAFKA_KEY belong together. Set both, or none.'];
}

function saslProblems(given: Given): readonly string[] {
  const mechanism = given['KAFKA_SASL_MECHANISM'];
  const needed: readonly Name[] =
    mechanism === undefined ? [] : mechanism === 'OAUTHBEARER' ? OAUTH_VARIABLES : PASSWORD_VARIABLES;
  const others = [...PASSWORD_VARIABLES, ...OAUTH_VARIABLES].filter((name) => !needed.includes(name));
  return [
    ...needed
      .filter((name) => given[name] === undefined)
      .map((name) => `${name} is required with KAFKA_SASL_MECHANISM=${mechanism}. ${KAFKA_VARIABLES[name].advice}`),
    ...others
      .filter((name) => given[name] !== undefined)
      .map((name) => {
        const why = mechanism === undefined ? 'without KAFKA_SASL_MECHANISM' : `with KAFKA_SASL_MECHANISM=${mechanism}`;
        return `${name} has no effect ${why}. ${KAFKA_VARIABLES.KAFKA_SASL_MECHANISM.advice}`;
      }),
  ];
}

/** A password or token must not cross a network unencrypted. SCRAM sends neither. */
function secrecyProblems(given: Given): readonly string[] {
  const mechanism = given['KAFKA_SASL_MECHANISM'];
  const problems: string[] = [];
  const remote = given['KAFKA_BROKERS']?.split(',').find((broker) => !isLoopback(broker));
  if ((mechanism === 'PLAIN' || mechanism === 'OAUTHBEARER') && given['KAFKA_TLS'] !== 'on' && remote !== undefined) {
    const what = mechanism === 'PLAIN' ? 'the password' : 'the token';
    problems.push(
      `KAFKA_SASL_MECHANISM=${mechanism} would send ${what} to ${withoutLogins(remote)} unencrypted. Set KAFKA_TLS=on, or use SCRAM-SHA-512.`,
    );
  }
  const url = given['KAFKA_OAUTH_TOKEN_URL'];
  if (url?.startsWith('http:') && URL.canParse(url) && !isLoopbackHost(new URL(url).hostname)) {
    problems.push('KAFKA_OAUTH_TOKEN_URL would send the secret unencrypted. Set an https URL.');
  }
  return problems;
}

function topicProblems(given: Given): readonly string[] {
  const replication = given['KAFKA_REPLICATION'];
  if (given['KAFKA_REQUIRE_DURABLE'] !== 'on' || replication === undefined) return [];
  if (Number(replication) >= DURABLE_REPLICATION) return [];
  return [
    `KAFKA_REPLICATION=${replication} is refused with KAFKA_REQUIRE_DURABLE=on. Set at least KAFKA_REPLICATION=${DURABLE_REPLICATION}.`,
  ];
}

type Values = ValuesOf<typeof KAFKA_VARIABLES>;

/** Undefined without brokers. The values have no problems. */
export function kafkaOf(values: Values): KafkaSettings | undefined {
  if (values.KAFKA_BROKERS === undefined) return undefined;
  const security = securityOf(values);
  return {
    brokers: values.KAFKA_BROKERS,
    partitions: values.KAFKA_PARTITIONS,
    prefix: values.KAFKA_TOPIC_PREFIX ?? '',
    createTopics: values.KAFKA_CREATE_TOPICS === 'on',
    requireDurable: values.KAFKA_REQUIRE_DURABLE === 'on',
    ...(values.KAFKA_REPLICATION === undefined ? {} : { replication: values.KAFKA_REPLICATION }),
    ...(security === undefined ? {} : { security }),
  };
}

export const paymentEventsOf = (values: Values): PaymentEventSettings => ({
  trustAcl: values.PAYMENT_EVENTS === 'trust-acl',
  keys: values.PAYMENT_EVENT_KEYS ?? new Map(),
});

function securityOf(values: Values): KafkaSecurity | undefined {
  const tls: KafkaTls | undefined =
    values.KAFKA_TLS === 'on'
      ? {
          ...(values.KAFKA_CA === undefined ? {} : { ca: values.KAFKA_CA }),
          ...(values.KAFKA_CERT === undefined ? {} : { cert: values.KAFKA_CERT }),
          ...(values.KAFKA_KEY === undefined ? {} : { key: values.KAFKA_KEY }),
        }
      : undefined;
  const sasl = saslOf(values);
  if (tls === undefined && sasl === undefined) return undefined;
  return { ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) };
}

function saslOf(values: Values): KafkaSasl | undefined {
  const mechanism = values.KAFKA_SASL_MECHANISM;
  if (mechanism === undefined) return undefined;
  if (mechanism !== 'OAUTHBEARER') {
    return { mechanism, user: values.KAFKA_USER ?? '', password: values.KAFKA_PASSWORD ?? '' };
  }
  return {
    mechanism,
    tokenUrl: values.KAFKA_OAUTH_TOKEN_URL ?? '',
    clientId: values.KAFKA_OAUTH_CLIENT_ID ?? '',
    clientSecret: values.KAFKA_OAUTH_CLIENT_SECRET ?? '',
    ...(values.KAFKA_OAUTH_SCOPE === undefined ? {} : { scope: values.KAFKA_OAUTH_SCOPE }),
  };
}

/** Undefined: one of them is no producer with a key. */
function producerKeys(text: string): ProducerKeys | undefined {
  const keys = new Map<string, Buffer[]>();
  for (const entry of text.split(',')) {
    const [, producer = '', encoded = ''] = /^([^:]*):([A-Za-z0-9+/]+={0,2})$/.exec(entry.trim()) ?? [];
    const key = Buffer.from(encoded, 'base64');
    if (!PRODUCER.test(producer) || key.length < KEY_MIN_BYTES || key.length > KEY_MAX_BYTES) return undefined;
    keys.set(producer, [...(keys.get(producer) ?? []), key]);
  }
  return keys;
}
