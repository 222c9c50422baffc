import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { SandboxBehaviour } from '../contexts/order/module.ts';
import { type TrustProxy, trustOf } from '../gateway/limits/client-address.ts';
import type { LimitSettings } from '../gateway/limits/limit-settings.ts';
import type { KafkaSettings } from '../platform/events/kafka/settings.ts';
import type { FileSettings } from '../platform/files/open-files.ts';
import type { IssuerSettings } from '../platform/http/foreign-tokens/issuer-settings.ts';
import { webhookKey } from '../platform/http/webhook-signature.ts';
import { withoutLogins } from '../platform/kernel/host-port.ts';
import { nearest } from '../platform/kernel/nearest.ts';
import { rotatedSecrets } from '../platform/kernel/rotated-secrets.ts';
import { DEFAULT_SHOP, type Shop } from '../platform/kernel/shop.ts';
import { StartError } from '../platform/kernel/start-error.ts';
import { canonicalZone, isZone } from '../platform/kernel/time-zone.ts';
import type { MailSettings } from '../platform/mail/mail-settings.ts';
import { parseDatabaseUrl } from '../platform/postgres/database-url.ts';
import type { RedisSettings } from '../platform/redis/settings.ts';
import type { PushSettings } from '../platform/web-push/settings.ts';
import { COMMAND_ADVICE, COMMAND_VARIABLES } from './command-variables.ts';
import { ISSUER_ADVICE, ISSUER_VARIABLES } from './issuer-variables.ts';
import {
  KAFKA_ADVICE,
  KAFKA_SECRETS,
  KAFKA_VARIABLES,
  kafkaOf,
  kafkaProblems,
  type PaymentEventSettings,
  paymentEventsOf,
} from './kafka-variables.ts';
import { LIMIT_ADVICE, LIMIT_VARIABLES, limitsOf } from './limit-variables.ts';
import { MAIL_ADVICE, MAIL_SECRETS, MAIL_VARIABLES, mailOf, mailProblems } from './mail-variables.ts';
import type { Target } from './parts.ts';
import { PUSH_ADVICE, PUSH_VARIABLES, pushOf, pushProblems } from './push-variables.ts';
import { REDIS_ADVICE, REDIS_VARIABLES, redisOf, redisProblems } from './redis-variables.ts';
import {
  DATABASE_VARIABLES,
  etcdProblems,
  SERVICE_ADVICE,
  type ServiceSettings,
  servicesOf,
  serviceVariables,
  WAY_VARIABLES,
  WAYS,
  type Way,
} from './service-variables.ts';
import {
  SHARD_ADVICE,
  SHARD_DATABASE_VARIABLES,
  type ShardSettings,
  shardProblems,
  shardsOf,
  shardVariables,
} from './shard-variables.ts';
import {
  WEBHOOK_ADVICE,
  WEBHOOK_SECRETS,
  WEBHOOK_VARIABLES,
  type WebhookSettings,
  webhooksOf,
} from './webhook-variables.ts';
import { wholeNumber } from './whole-number.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The settings from the environment. The rest of the program reads no environment variable. */
export interface Settings {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  /** 0 chooses a free port. Undefined: metrics are on `port`. */
  readonly metricsPort: number | undefined;
  /** Processes that serve on `port`. 1: this process does. */
  readonly workers: number;
  /** Where people reach this server, without a slash at the end. Undefined: at its own address. */
  readonly publicUrl: string | undefined;
  /** Origins of pages that may read responses. */
  readonly corsOrigins: readonly string[];
  /** How old the body of a public read may be. 0: each is read for its request. */
  readonly publicReadMaxAgeSeconds: number;
  /** The proxies in front, whose X-Forwarded-For is believed. Undefined: none is. */
  readonly trustProxy: TrustProxy | undefined;
  /** Absolute. */
  readonly dataDir: string;
  /** Where uploaded images are kept. */
  readonly files: FileSettings;
  /** Where clients read files, without a slash at the end. Undefined: at `/files` of this server. */
  readonly filesUrl: string | undefined;
  /** Undefined: PostgreSQL is embedded. */
  readonly databaseUrl: string | undefined;
  /** A read replica of that database, and a pooler before it. Undefined: there is none. */
  readonly ways: Readonly<Record<Way, string | undefined>>;
  /** The owner's login, for migrations only. Undefined: the same as above. */
  readonly migrationDatabaseUrl: string | undefined;
  readonly services: ServiceSettings;
  readonly shards: ShardSettings;
  /** Undefined: events stay in this process. */
  readonly kafka: KafkaSettings | undefined;
  readonly paymentEvents: PaymentEventSettings;
  /** Undefined: nodes share nothing but PostgreSQL. */
  readonly redis: RedisSettings | undefined;
  /** `new,old` while it is rotated. Undefined: generated once into the data directory. Always set in production. */
  readonly jwtSecret: string | undefined;
  /** Other issuers whose access tokens are accepted. */
  readonly issuers: readonly IssuerSettings[];
  /** Of tokens of other issuers. */
  readonly jwtMaxLifetimeSeconds: number;
  /** Make the codes by which coupons are used at the counter; the first one makes new codes. Empty: they follow from `jwtSecret`. */
  readonly redemptionSecrets: readonly string[];
  readonly adminEmail: string;
  readonly adminPassword: string | undefined;
  readonly rateLimit: boolean;
  readonly limits: LimitSettings;
  /** The highest balance of points after a charge. */
  readonly pointBalanceMax: bigint;
  /** What orders earn, in basis points of what was paid in money. */
  readonly pointEarnRateBp: bigint;
  /** How many days after the payment those points are available. */
  readonly pointEarnDelayDays: number;
  /** How long an unpaid order holds its stock, and a reserved coupon waits for its order. */
  readonly reservationMinutes: number;
  /** Its time zone and currency. */
  readonly shop: Shop;
  /** How long before a policy opens its followers are reminded. */
  readonly openingReminderMinutes: number;
  /** The provider of EXTERNAL payments; none: they are refused. */
  readonly paymentProvider: 'sandbox' | 'none';
  /** Undefined: no mail is sent, and users need not verify their addresses. */
  readonly mail: MailSettings | undefined;
  /** Undefined: no notices to browsers. */
  readonly push: PushSettings | undefined;
  /** Of webhooks that this system sends. */
  readonly webhooks: WebhookSettings;
  /** Any of them may have signed what a mail provider reports of bounces and complaints. Empty: none is accepted. */
  readonly mailWebhookKeys: readonly Buffer[];
  /** What the sandbox does with payments. */
  readonly sandboxPayments: SandboxBehaviour;
  /** Any of them may have signed a provider's webhook. Empty: generated into the data directory. */
  readonly webhookKeys: readonly Buffer[];
  readonly logLevel: LogLevel;
  readonly production: boolean;
  /** May administrators move the time and run scheduled tasks? Never in production. */
  readonly sandbox: boolean;
}

/** The configuration of a server: the settings, the URL of the embedded database and the generated secrets. */
export interface Config extends Settings {
  /** What this process hosts. Absent: everything. */
  readonly target?: Target;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
}

/** HS256 is as strong as its key: RFC 7518, 3.2 requires at least the hash's 256 bits. */
const JWT_SECRET_MIN_BYTES = 32;
/** HKDF makes a key of 256 bits of it, which is no better than the secret. */
const REDEMPTION_SECRET_MIN_BYTES = 32;
const PASSWORD_MIN = 10;
const POINTS_RANGE = 'must be a whole number from 1 to 999999999999999';
const PORT_MAX = 65_535;
/** In seconds. */
const PUBLIC_AGE_MAX = 60;
/** More processes belong on more machines. */
const WORKERS_MAX = 64;

/** Those that this Node has figures of. */
const isCurrency = (code: string): boolean => Intl.supportedValuesOf('currency').includes(code);

const NODE_ENVS = ['development', 'production', 'test'] as const;

/** Every variable with its default. docs/configuration.md lists the same ones; config.test.ts compares the two. */
export const ENVIRONMENT = z.object({
  PORT: wholeNumber(0, PORT_MAX).prefault('4000'),
  METRICS_PORT: wholeNumber(0, PORT_MAX).optional(),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be an address or host name of this machine')
    .default('127.0.0.1'),
  WORKERS: z
    .string()
    .transform((text) => (text === 'auto' ? String(availableParallelism()) : text))
    .pipe(wholeNumber(1, WORKERS_MAX, 'must be auto, or'))
    .prefault('1'),
  CORS_ORIGINS: z
    .string()
    .transform((origins) => origins.split(',').map((origin) => origin.trim()))
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins such as https://shop.example.com, separated by commas',
    )
    .optional(),
  PUBLIC_READ_MAX_AGE: wholeNumber(0, PUBLIC_AGE_MAX).prefault('0'),
  TRUST_PROXY: z.string().transform(readTrustProxy).optional(),
  STAMPEDE_PUBLIC_URL: webUrl().optional(),
  STAMPEDE_DATA_DIR: z.string().default('.stampede'),
  FILES_DIRECTORY: z.string().optional(),
  FILES_PUBLIC_URL: webUrl().optional(),
  FILES_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket')
    .optional(),
  FILES_S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must be the name of a region')
    .default('us-east-1'),
  FILES_S3_ENDPOINT: webUrl().optional(),
  FILES_S3_PATH_STYLE: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  FILES_S3_ACCESS_KEY_ID: z.string().optional(),
  FILES_S3_SECRET_ACCESS_KEY: z.string().optional(),
  DATABASE_URL: z.string().superRefine(checkDatabaseUrl).optional(),
  MIGRATION_DATABASE_URL: z.string().superRefine(checkDatabaseUrl).optional(),
  READ_DATABASE_URL: z.string().superRefine(checkDatabaseUrl).optional(),
  DATABASE_POOLER_URL: z.string().superRefine(checkDatabaseUrl).optional(),
  ...KAFKA_VARIABLES,
  JWT_SECRET: z
    .string()
    .refine(
      (secrets) => rotatedSecrets(secrets).every((secret) => Buffer.byteLength(secret) >= JWT_SECRET_MIN_BYTES),
      `must have at least ${JWT_SECRET_MIN_BYTES} bytes, several separated by commas`,
    )
    .optional(),
  ...ISSUER_VARIABLES,
  REDEMPTION_SECRET: z
    .string()
    .transform((secrets) => secrets.split(',').map((secret) => secret.trim()))
    .refine(
      (secrets) => secrets.every((secret) => Buffer.byteLength(secret) >= REDEMPTION_SECRET_MIN_BYTES),
      `must have at least ${REDEMPTION_SECRET_MIN_BYTES} bytes, several separated by commas`,
    )
    .optional(),
  STAMPEDE_ADMIN_EMAIL: z.email('must be an e-mail address').default('admin@stampede.local'),
  STAMPEDE_ADMIN_PASSWORD: z.string().min(PASSWORD_MIN, `must have at least ${PASSWORD_MIN} characters`).optional(),
  STAMPEDE_RATE_LIMIT: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  ...LIMIT_VARIABLES,
  ...serviceVariables(checkDatabaseUrl),
  ...REDIS_VARIABLES,
  ...shardVariables(checkDatabaseUrl),
  STAMPEDE_TIME_ZONE: z
    .string()
    .refine(isZone, 'must be an IANA time zone')
    .transform((zone) => canonicalZone(zone) ?? zone)
    .prefault(DEFAULT_SHOP.timeZone),
  CURRENCY: z.string().refine(isCurrency, 'must be a currency code of ISO 4217').default(DEFAULT_SHOP.currency),
  STAMPEDE_RESERVATION_MINUTES: wholeNumber(1, 60).prefault('10'),
  STAMPEDE_OPENING_REMINDER_MINUTES: wholeNumber(1, 1_440).prefault('10'),
  POINT_BALANCE_MAX: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, POINTS_RANGE)
    .transform(BigInt)
    .prefault('1000000'),
  POINT_EARN_RATE_BP: wholeNumber(0, 10_000).prefault('0'),
  POINT_EARN_DELAY_DAYS: wholeNumber(0, 365).prefault('7'),
  PAYMENT_PROVIDER: z.enum(['sandbox', 'none'], { error: 'must be sandbox or none' }).optional(),
  PAYMENT_WEBHOOK_SECRET: z
    .string()
    .refine(
      (secrets) => keysOf(secrets) !== undefined,
      'must be whsec_ and base64 of 24 to 64 bytes, several separated by commas',
    )
    .optional(),
  STAMPEDE_SANDBOX_PAYMENTS: z
    .string()
    .regex(
      /^(page|approve|decline|twice|delay:[1-9]\d{0,4})$/,
      'must be page, approve, decline, twice or delay:SECONDS',
    )
    .default('page'),
  ...MAIL_VARIABLES,
  ...PUSH_VARIABLES,
  ...WEBHOOK_VARIABLES,
  ...COMMAND_VARIABLES,
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  STAMPEDE_SANDBOX: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  NODE_ENV: z
    .enum(NODE_ENVS, {
      error: ({ input }) =>
        `must be one of ${NODE_ENVS.join(', ')}; the nearest is ${nearest(String(input), NODE_ENVS)}`,
    })
    .default('development'),
});
type Name = keyof typeof ENVIRONMENT.shape;

const PREFIX = 'STAMPEDE_';
const JWT_ADVICE = 'Set JWT_SECRET to the output of: openssl rand -base64 48';
const ADVICE: Readonly<Record<Name, string>> = {
  PORT: 'Set for example PORT=4000.',
  METRICS_PORT: 'Set for example METRICS_PORT=9464, or leave it out to serve metrics on PORT.',
  HOST: 'Set HOST=127.0.0.1 to serve this machine only, HOST=0.0.0.0 to serve others too.',
  WORKERS: 'Set for example WORKERS=auto for one on each core, or leave it out.',
  CORS_ORIGINS: 'Set for example CORS_ORIGINS=https://shop.example.com, without a path, or leave it out.',
  PUBLIC_READ_MAX_AGE: 'Set for example PUBLIC_READ_MAX_AGE=1, or leave it out.',
  TRUST_PROXY:
    'Set the number of proxies in front, for example TRUST_PROXY=1, or their networks, for example TRUST_PROXY=loopback,10.0.0.0/8, or leave it out.',
  STAMPEDE_PUBLIC_URL: 'Set for example STAMPEDE_PUBLIC_URL=https://shop.example.com, or leave it out.',
  STAMPEDE_DATA_DIR: 'Set a directory that this user may write.',
  FILES_DIRECTORY: 'Set a directory that this user may write, the same one on every node, or leave it out.',
  FILES_PUBLIC_URL: 'Set for example FILES_PUBLIC_URL=https://images.example.com, or leave it out.',
  FILES_S3_BUCKET: 'Set for example FILES_S3_BUCKET=shop-images, or leave it out to keep files in a directory.',
  FILES_S3_REGION: 'Set for example FILES_S3_REGION=ap-northeast-2.',
  FILES_S3_ENDPOINT: 'Set for example FILES_S3_ENDPOINT=https://s3.ap-northeast-2.amazonaws.com, or leave it out.',
  FILES_S3_PATH_STYLE: 'Set FILES_S3_PATH_STYLE=on where buckets have no host names of their own.',
  FILES_S3_ACCESS_KEY_ID: 'Set the id of the key for the bucket.',
  FILES_S3_SECRET_ACCESS_KEY: 'Set the secret of the key for the bucket.',
  DATABASE_URL:
    'Set DATABASE_URL=postgres://user:password@host:5432/database, with a standby host1:5432,host2:5432 in place of the host, or leave it out for the embedded PostgreSQL.',
  MIGRATION_DATABASE_URL: 'Set the URL of the login that owns the schemas, or leave it out.',
  READ_DATABASE_URL:
    'Set for example READ_DATABASE_URL=postgres://user:password@replica:5432/database, or leave it out.',
  DATABASE_POOLER_URL:
    'Set for example DATABASE_POOLER_URL=postgres://user:password@pooler:6432/database, or leave it out.',
  ...KAFKA_ADVICE,
  JWT_SECRET: JWT_ADVICE,
  ...ISSUER_ADVICE,
  REDEMPTION_SECRET: 'Set REDEMPTION_SECRET to the output of: openssl rand -base64 48',
  STAMPEDE_ADMIN_EMAIL: 'Set for example STAMPEDE_ADMIN_EMAIL=admin@example.com.',
  STAMPEDE_ADMIN_PASSWORD: 'Set a longer one, or leave it out to have one generated.',
  STAMPEDE_RATE_LIMIT: 'Set STAMPEDE_RATE_LIMIT=off for load tests, else leave it out.',
  ...LIMIT_ADVICE,
  ...SERVICE_ADVICE,
  ...REDIS_ADVICE,
  ...SHARD_ADVICE,
  STAMPEDE_TIME_ZONE: 'Set for example STAMPEDE_TIME_ZONE=Asia/Seoul.',
  CURRENCY: 'Set for example CURRENCY=KRW.',
  STAMPEDE_RESERVATION_MINUTES: 'Set for example STAMPEDE_RESERVATION_MINUTES=10.',
  STAMPEDE_OPENING_REMINDER_MINUTES: 'Set for example STAMPEDE_OPENING_REMINDER_MINUTES=10.',
  POINT_BALANCE_MAX: 'Set for example POINT_BALANCE_MAX=1000000.',
  POINT_EARN_RATE_BP: 'Set for example POINT_EARN_RATE_BP=100 for 1 percent.',
  POINT_EARN_DELAY_DAYS: 'Set for example POINT_EARN_DELAY_DAYS=7.',
  PAYMENT_PROVIDER: 'Set PAYMENT_PROVIDER=sandbox to try payments out, else leave it out.',
  PAYMENT_WEBHOOK_SECRET: 'Set PAYMENT_WEBHOOK_SECRET to whsec_ followed by the output of: openssl rand -base64 32',
  STAMPEDE_SANDBOX_PAYMENTS: 'Set for example STAMPEDE_SANDBOX_PAYMENTS=page.',
  ...MAIL_ADVICE,
  ...PUSH_ADVICE,
  ...WEBHOOK_ADVICE,
  ...COMMAND_ADVICE,
  LOG_LEVEL: 'Set for example LOG_LEVEL=info.',
  STAMPEDE_SANDBOX: 'Set STAMPEDE_SANDBOX=on to move the time by hand, else leave it out.',
  NODE_ENV: 'Set NODE_ENV=production on a live system, else leave it out.',
};
const NEVER_SHOWN: ReadonlySet<Name> = new Set<Name>([
  ...DATABASE_VARIABLES,
  ...WAY_VARIABLES,
  ...SHARD_DATABASE_VARIABLES,
  ...KAFKA_SECRETS,
  'DATABASE_URL',
  'MIGRATION_DATABASE_URL',
  ...WAYS,
  'JWT_SECRET',
  // Long, and each problem names its place.
  'JWT_ISSUERS',
  'SERVICE_SECRET',
  'REDEMPTION_SECRET',
  'PAYMENT_WEBHOOK_SECRET',
  ...MAIL_SECRETS,
  ...WEBHOOK_SECRETS,
  'PUSH_VAPID_KEY',
  'REDIS_URL',
  'STAMPEDE_ADMIN_PASSWORD',
  'STAMPEDE_API_KEY',
  'FILES_S3_ACCESS_KEY_ID',
  'FILES_S3_SECRET_ACCESS_KEY',
]);

/**
 * Reads the environment once. An empty variable counts as left out, as Compose files write it.
 * @throws StartError with one line for each invalid variable: its name, the problem, and a valid value
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = ENVIRONMENT.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(issue, given));
  const production = given['NODE_ENV'] === 'production';
  // A part of the program does without: see target-problems.ts.
  const isPart = given['SERVICE_SECRET'] !== undefined && given['GATEWAY_PUBLIC_KEY'] !== undefined;
  if (production && given['JWT_SECRET'] === undefined && !isPart) {
    problems.push(`JWT_SECRET is required when NODE_ENV=production. ${JWT_ADVICE}`);
  }
  if (production && given['STAMPEDE_SANDBOX'] === 'on') {
    problems.push('STAMPEDE_SANDBOX=on is refused when NODE_ENV=production. Leave it out.');
  }
  if (production && given['PAYMENT_PROVIDER'] === 'sandbox') {
    problems.push(
      'PAYMENT_PROVIDER=sandbox is refused when NODE_ENV=production: no payment would be real. Leave it out.',
    );
  }
  for (const name of ['FILES_S3_ACCESS_KEY_ID', 'FILES_S3_SECRET_ACCESS_KEY'] as const) {
    if (given['FILES_S3_BUCKET'] !== undefined && given[name] === undefined) {
      problems.push(`${name} is required with FILES_S3_BUCKET. ${ADVICE[name]}`);
    }
  }
  problems.push(...mailProblems(given), ...pushProblems(given));
  problems.push(...kafkaProblems(given));
  problems.push(...etcdProblems(given));
  problems.push(...redisProblems(given, parsed.data?.REDIS_URL));
  for (const way of WAYS) {
    if (given[way] !== undefined && given['DATABASE_URL'] === undefined)
      problems.push(`${way} has no effect without DATABASE_URL. ${ADVICE.DATABASE_URL}`);
  }
  problems.push(...misspelt(given));
  const { PORT: port, METRICS_PORT: metricsPort } = parsed.data ?? {};
  if (metricsPort !== undefined && metricsPort !== 0 && metricsPort === port) {
    problems.push('METRICS_PORT is the same as PORT. Set another one, or leave it out to serve metrics on PORT.');
  }
  if (parsed.success) problems.push(...shardProblems(shardsOf(parsed.data)));
  if (!parsed.success || problems.length > 0) throw new StartError([...new Set(problems)].join('\n'));
  const values = parsed.data;
  return {
    host: values.HOST,
    port: values.PORT,
    metricsPort: values.METRICS_PORT,
    workers: values.WORKERS,
    corsOrigins: values.CORS_ORIGINS ?? [],
    publicReadMaxAgeSeconds: values.PUBLIC_READ_MAX_AGE,
    trustProxy: values.TRUST_PROXY,
    publicUrl: values.STAMPEDE_PUBLIC_URL,
    dataDir: resolve(values.STAMPEDE_DATA_DIR),
    files: filesOf(values),
    filesUrl: values.FILES_PUBLIC_URL,
    databaseUrl: values.DATABASE_URL,
    migrationDatabaseUrl: values.MIGRATION_DATABASE_URL,
    ways: { READ_DATABASE_URL: values.READ_DATABASE_URL, DATABASE_POOLER_URL: values.DATABASE_POOLER_URL },
    kafka: kafkaOf(values),
    paymentEvents: paymentEventsOf(values),
    jwtSecret: values.JWT_SECRET,
    issuers: values.JWT_ISSUERS ?? [],
    jwtMaxLifetimeSeconds: values.JWT_MAX_LIFETIME,
    redemptionSecrets: values.REDEMPTION_SECRET ?? [],
    adminEmail: values.STAMPEDE_ADMIN_EMAIL,
    adminPassword: values.STAMPEDE_ADMIN_PASSWORD,
    pointBalanceMax: values.POINT_BALANCE_MAX,
    pointEarnRateBp: BigInt(values.POINT_EARN_RATE_BP),
    pointEarnDelayDays: values.POINT_EARN_DELAY_DAYS,
    rateLimit: values.STAMPEDE_RATE_LIMIT === 'on',
    limits: limitsOf(values),
    services: servicesOf(values),
    redis: redisOf(values),
    shards: shardsOf(values),
    shop: { timeZone: values.STAMPEDE_TIME_ZONE, currency: values.CURRENCY },
    reservationMinutes: values.STAMPEDE_RESERVATION_MINUTES,
    openingReminderMinutes: values.STAMPEDE_OPENING_REMINDER_MINUTES,
    paymentProvider: values.PAYMENT_PROVIDER ?? (production ? 'none' : 'sandbox'),
    sandboxPayments: behaviourOf(values.STAMPEDE_SANDBOX_PAYMENTS),
    mail: mailOf(values),
    push: pushOf(values),
    webhooks: webhooksOf(values),
    mailWebhookKeys: values.MAIL_WEBHOOK_SECRET ?? [],
    webhookKeys: keysOf(values.PAYMENT_WEBHOOK_SECRET ?? '') ?? [],
    logLevel: values.LOG_LEVEL,
    production,
    sandbox: values.STAMPEDE_SANDBOX === 'on',
  };
}

function filesOf(values: z.output<typeof ENVIRONMENT>): FileSettings {
  const region = values.FILES_S3_REGION;
  if (values.FILES_S3_BUCKET === undefined) {
    const directory = resolve(values.FILES_DIRECTORY ?? join(values.STAMPEDE_DATA_DIR, 'files'));
    return { kind: 'DIRECTORY', directory };
  }
  return {
    kind: 'S3',
    bucket: values.FILES_S3_BUCKET,
    region,
    endpoint: values.FILES_S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`,
    pathStyle: values.FILES_S3_PATH_STYLE === 'on',
    accessKeyId: values.FILES_S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: values.FILES_S3_SECRET_ACCESS_KEY ?? '',
  };
}

/** A variable with our prefix that nothing reads is a misspelt name, whose setting would silently have no effect. */
function misspelt(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  const names = Object.keys(ENVIRONMENT.shape);
  const unknown = Object.keys(given).filter((name) => name.startsWith(PREFIX) && !names.includes(name));
  const ours = names.filter((name) => name.startsWith(PREFIX));
  // Most variables have no prefix.
  const meant = (name: string) => names.find((known) => PREFIX + known === name) ?? nearest(name, ours);
  return unknown.map((name) => `${name} is not a variable. Did you mean ${meant(name)}?`);
}

function problemOf(issue: z.core.$ZodIssue, given: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0]) as Name;
  const shown = NEVER_SHOWN.has(name) ? name : `${name}=${JSON.stringify(withoutLogins(given[name] ?? ''))}`;
  return `${shown} ${issue.message}. ${ADVICE[name]}`;
}

/** Undefined: one of them is no secret. */
function keysOf(secrets: string): readonly Buffer[] | undefined {
  const keys = secrets.split(',').map((secret) => webhookKey(secret.trim()));
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

function behaviourOf(text: string): SandboxBehaviour {
  const [kind = '', seconds] = text.split(':');
  if (seconds !== undefined) return { kind: 'APPROVE_LATER', afterMs: Number(seconds) * 1_000 };
  return { kind: BEHAVIOURS.get(kind) ?? 'PAGE' };
}
const BEHAVIOURS: ReadonlyMap<string, 'APPROVE' | 'DECLINE' | 'APPROVE_TWICE'> = new Map([
  ['approve', 'APPROVE'],
  ['decline', 'DECLINE'],
  ['twice', 'APPROVE_TWICE'],
]);

function webUrl() {
  return z
    .string()
    .refine(isWebUrl, 'must be an http or https URL without query')
    .transform((url) => url.replace(/\/+$/, ''));
}

function isWebUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && !/[?#\s]/.test(text);
}

function isOrigin(text: string): boolean {
  return isWebUrl(text) && new URL(text).origin === text;
}

function readTrustProxy(text: string, context: z.RefinementCtx): TrustProxy {
  const setting = /^\d{1,2}$/.test(text) ? Number(text) : text.split(',').map((network) => network.trim());
  try {
    trustOf(setting);
  } catch {
    context.addIssue(
      'must be a number of proxies from 1 to 99, or addresses, networks, loopback, linklocal or uniquelocal',
    );
  }
  return setting;
}

function checkDatabaseUrl(text: string, context: z.RefinementCtx): void {
  try {
    parseDatabaseUrl(text);
  } catch (error) {
    context.addIssue((error as Error).message);
  }
}
