import { resolve } from 'node:path';
import type { z } from 'zod';
import type { SandboxBehaviour } from '../contexts/order/module.ts';
import type { TrustProxy } from '../gateway/limits/client-address.ts';
import type { LimitSettings } from '../gateway/limits/limit-settings.ts';
import type { KafkaSettings } from '../platform/events/kafka/settings.ts';
import type { FileSettings } from '../platform/files/open-files.ts';
import type { IssuerSettings } from '../platform/http/issuer-tokens/issuer-settings.ts';
import { withoutLogins } from '../platform/kernel/host-port.ts';
import { nearest } from '../platform/kernel/nearest.ts';
import type { Shop } from '../platform/kernel/shop.ts';
import { StartError } from '../platform/kernel/start-error.ts';
import type { MailSettings } from '../platform/mail/mail-settings.ts';
import type { RedisSettings } from '../platform/redis/settings.ts';
import type { PushSettings } from '../platform/web-push/settings.ts';
import type { Target } from './parts.ts';
import { databaseProblems, type Way } from './variables/database-variables.ts';
import { portProblems } from './variables/edge-variables.ts';
import { etcdProblems } from './variables/etcd-variables.ts';
import { fileProblems, filesOf } from './variables/file-variables.ts';
import { kafkaOf, kafkaProblems, type PaymentEventSettings, paymentEventsOf } from './variables/kafka-variables.ts';
import { limitsOf } from './variables/limit-variables.ts';
import { mailOf, mailProblems } from './variables/mail-variables.ts';
import { behaviourOf } from './variables/payment-variables.ts';
import { pushOf, pushProblems } from './variables/push-variables.ts';
import { redisOf, redisProblems } from './variables/redis-variables.ts';
import { type ServiceSettings, servicesOf } from './variables/service-variables.ts';
import { type ShardSettings, shardProblems, shardsOf } from './variables/shard-variables.ts';
import { adviceOf, environmentSchema, type Variable } from './variables/variable.ts';
import { type LogLevel, VARIABLES, type Values, type VariableName } from './variables/variables.ts';
import { type WebhookSettings, webhooksOf } from './variables/webhook-variables.ts';

export const ENVIRONMENT = environmentSchema(VARIABLES);
const PREFIX = 'STAMPEDE_';
type Given = Readonly<Record<string, string | undefined>>;

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
  /** Sign access tokens; the first one new ones. Empty: one is generated once into the data directory, or this process signs and checks none. */
  readonly jwtSecrets: readonly string[];
  /** Other issuers whose access tokens are accepted. */
  readonly issuers: readonly IssuerSettings[];
  /** Of tokens of other issuers. */
  readonly jwtMaxLifetimeSeconds: number;
  /** Make the codes by which coupons are used at the counter; the first one makes new codes. Empty: they follow from `jwtSecrets`. */
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

/** The configuration of a server: the settings, the URL of the embedded database and the generated secrets, of which there is at least one in `jwtSecrets`. */
export interface Config extends Settings {
  /** What this process hosts. Absent: everything. */
  readonly target?: Target;
  readonly databaseUrl: string;
}

/**
 * Reads the environment once. An empty variable counts as left out, as Compose files write it.
 * @throws StartError with one line for each invalid variable: its name, the problem, and a valid value
 */
export function readSettings(env: Given): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = ENVIRONMENT.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(issue, given));
  problems.push(
    ...productionProblems(given),
    ...fileProblems(given),
    ...mailProblems(given),
    ...pushProblems(given),
    ...kafkaProblems(given),
    ...etcdProblems(given),
    ...redisProblems(given, parsed.data?.REDIS_URL),
    ...databaseProblems(given),
    ...misspelt(given),
    ...portProblems(parsed.data?.PORT, parsed.data?.METRICS_PORT),
    ...(parsed.success ? shardProblems(shardsOf(parsed.data)) : []),
  );
  if (!parsed.success || problems.length > 0) throw new StartError([...new Set(problems)].join('\n'));
  return settingsOf(parsed.data);
}

function settingsOf(values: Values): Settings {
  const production = values.NODE_ENV === 'production';
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
    jwtSecrets: values.JWT_SECRET ?? [],
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
    webhookKeys: values.PAYMENT_WEBHOOK_SECRET ?? [],
    logLevel: values.LOG_LEVEL,
    production,
    sandbox: values.STAMPEDE_SANDBOX === 'on',
  };
}

/** What is for trying out, and what a live system needs. */
function productionProblems(given: Given): readonly string[] {
  if (given['NODE_ENV'] !== 'production') return [];
  // A part of the program does without: see target-problems.ts.
  const isPart = given['SERVICE_SECRET'] !== undefined && given['GATEWAY_PUBLIC_KEY'] !== undefined;
  const problems: string[] = [];
  if (given['JWT_SECRET'] === undefined && !isPart) {
    problems.push(`JWT_SECRET is required when NODE_ENV=production. ${VARIABLES.JWT_SECRET.advice}`);
  }
  if (given['STAMPEDE_SANDBOX'] === 'on') {
    problems.push('STAMPEDE_SANDBOX=on is refused when NODE_ENV=production. Leave it out.');
  }
  if (given['PAYMENT_PROVIDER'] === 'sandbox') {
    problems.push(
      'PAYMENT_PROVIDER=sandbox is refused when NODE_ENV=production: no payment would be real. Leave it out.',
    );
  }
  return problems;
}

/** A variable with our prefix that nothing reads is a misspelt name, whose setting would silently have no effect. */
function misspelt(given: Given): readonly string[] {
  const names = Object.keys(ENVIRONMENT.shape);
  const unknown = Object.keys(given).filter((name) => name.startsWith(PREFIX) && !names.includes(name));
  const ours = names.filter((name) => name.startsWith(PREFIX));
  // Most variables have no prefix.
  const meant = (name: string) => names.find((known) => PREFIX + known === name) ?? nearest(name, ours);
  return unknown.map((name) => `${name} is not a variable. Did you mean ${meant(name)}?`);
}

function problemOf(issue: z.core.$ZodIssue, given: Given): string {
  const name = String(issue.path[0]) as VariableName;
  const variable: Variable = VARIABLES[name];
  const shown = variable.isSecret === true ? name : `${name}=${JSON.stringify(withoutLogins(given[name] ?? ''))}`;
  return `${shown} ${issue.message}. ${adviceOf(name, variable)}`;
}
