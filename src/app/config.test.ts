import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENT, readSettings } from './config.ts';
import { LIMIT_VARIABLES } from './variables/limit-variables.ts';

const KEY = 'k'.repeat(32);

it('an empty environment is a complete one', () => {
  expect(readSettings({})).toEqual({
    host: '127.0.0.1',
    port: 4000,
    metricsPort: undefined,
    workers: 1,
    corsOrigins: [],
    publicReadMaxAgeSeconds: 0,
    trustProxy: undefined,
    publicUrl: undefined,
    dataDir: join(process.cwd(), '.stampede'),
    files: { kind: 'DIRECTORY', directory: join(process.cwd(), '.stampede', 'files') },
    filesUrl: undefined,
    databaseUrl: undefined,
    ways: { READ_DATABASE_URL: undefined, DATABASE_POOLER_URL: undefined },
    shop: { timeZone: 'Asia/Seoul', currency: 'KRW' },
    services: {
      grpcPort: 50_051,
      grpcHost: '127.0.0.1',
      tls: undefined,
      secrets: [],
      gatewayUrl: undefined,
      advertise: undefined,
      etcd: undefined,
      shutdownDelayMs: undefined,
      databaseUrls: {},
      ways: { READ_DATABASE_URL: {}, DATABASE_POOLER_URL: {} },
      addresses: {},
    },
    redis: undefined,
    shards: { own: undefined, of: {} },
    kafka: undefined,
    paymentEvents: { trustAcl: false, keys: new Map() },
    jwtSecrets: [],
    issuers: [],
    jwtMaxLifetimeSeconds: 3_600,
    redemptionSecrets: [],
    webhooks: { allowedHosts: undefined, encryptionSecrets: [], keptDays: 7 },
    adminEmail: 'admin@stampede.local',
    adminPassword: undefined,
    rateLimit: true,
    limits: {
      principal: 100,
      address: 300,
      apiKey: 6_000,
      login: 5,
      loginAccount: 30,
      loginAddress: 60,
      codes: { aMinute: 5, anHour: 20, wrongAnHour: 20, blockSeconds: 86_400, wrongOfAddress: 200 },
      mail: { aRecipientAndAddress: 3, aRecipient: 10, anAddress: 100 },
      streams: { principal: 10, address: 100 },
    },
    mail: undefined,
    push: undefined,
    mailWebhookKeys: [],
    reservationMinutes: 10,
    openingReminderMinutes: 10,
    pointBalanceMax: 1_000_000n,
    pointEarnRateBp: 0n,
    pointEarnDelayDays: 7,
    paymentProvider: 'sandbox',
    sandboxPayments: { kind: 'PAGE' },
    webhookKeys: [],
    logLevel: 'info',
    production: false,
    sandbox: false,
  });
});

it('a variable that is empty counts as left out', () => {
  expect(readSettings({ PORT: '', DATABASE_URL: '' })).toEqual(readSettings({}));
});

describe('an invalid variable is refused in one line that names it and a valid value', () => {
  it.each([
    [{ PORT: 'abc' }, 'PORT="abc" must be a whole number from 0 to 65535. Set for example PORT=4000.'],
    [{ PORT: '65536' }, 'PORT="65536" must be a whole number from 0 to 65535. Set for example PORT=4000.'],
    [{ WORKERS: '0' }, 'WORKERS="0" must be auto, or a whole number from 1 to 64. Set for example WORKERS=auto'],
    [{ WORKERS: 'all' }, 'WORKERS="all" must be auto, or a whole number from 1 to 64.'],
    [{ PORT: '-1' }, 'PORT="-1" must be a whole number from 0 to 65535. Set for example PORT=4000.'],
    [
      { TRUST_PROXY: 'my-proxy' },
      'TRUST_PROXY="my-proxy" must be a number of proxies from 1 to 99, or addresses, networks',
    ],
    [
      { READ_DATABASE_URL: 'postgres://u@replica/d' },
      'READ_DATABASE_URL has no effect without DATABASE_URL. Set DATABASE_URL=postgres://user:password@host:5432/database',
    ],
    [
      { TRUST_PROXY: '0' },
      'TRUST_PROXY="0" must be a number of proxies from 1 to 99, or addresses, networks, loopback',
    ],
    [
      { TRUST_PROXY: '10.0.0.0/8,' },
      'TRUST_PROXY="10.0.0.0/8," must be a number of proxies from 1 to 99, or addresses,',
    ],
    [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY="true" must be a number of proxies from 1 to 99, or addresses, networks'],
    [
      { STAMPEDE_LIMIT_LOGIN: '0' },
      'STAMPEDE_LIMIT_LOGIN="0" must be a whole number from 1 to 1000000. Set for example',
    ],
    [{ STAMPEDE_LIMIT_API_KEY: '6,000' }, 'STAMPEDE_LIMIT_API_KEY="6,000" must be a whole number from 1 to 1000000.'],
    [
      { SMTP_URL: 'smpt://ada:secret@mail.example.com' },
      'SMTP_URL must be smtp://user:password@host:port or smtps://user:password@host:port, without a path. Set for',
    ],
    [{ SMTP_URL: 'mail.example.com:587' }, 'SMTP_URL must be smtp://user:password@host:port or smtps://user:password'],
    [{ MAIL_FROM: 'Shop' }, 'MAIL_FROM="Shop" must be one e-mail address, with or without a name before it. Set for'],
    [{ MAIL_FROM: 'a@example.com' }, 'MAIL_FROM has no effect without SMTP_URL. Set for example SMTP_URL=smtp://'],
    [
      { SMTP_URL: 'smtp://mail.example.com', STAMPEDE_PUBLIC_URL: 'https://shop.example.com' },
      'MAIL_FROM is required with SMTP_URL. Set for example MAIL_FROM=Shop <no-reply@shop.example.com>.',
    ],
    [
      { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'a@example.com' },
      'STAMPEDE_PUBLIC_URL is required with SMTP_URL. Set for example STAMPEDE_PUBLIC_URL=https://shop.example.com, or leave SMTP_URL out.',
    ],
    [
      { METRICS_PORT: 'x' },
      'METRICS_PORT="x" must be a whole number from 0 to 65535. Set for example METRICS_PORT=9464',
    ],
    [
      { METRICS_PORT: '4000' },
      'METRICS_PORT is the same as PORT. Set another one, or leave it out to serve metrics on',
    ],
    [
      { REDIS_URL: 'http://ada:secret@127.0.0.1' },
      'REDIS_URL must be redis://user:password@host:6379/0, redis+sentinel://',
    ],
    [
      { REDIS_URL: 'redis://ada:secret@10.0.0.7' },
      'REDIS_URL has 10.0.0.7, which is not on this machine and not encrypted.',
    ],
    [
      { REDIS_GATE: 'on' },
      'REDIS_GATE has no effect without REDIS_URL. Set for example REDIS_URL=redis://127.0.0.1:6379',
    ],
    [{ REDIS_URL: 'redis://127.0.0.1', REDIS_CA: 'ca.pem' }, 'REDIS_CA has no effect without rediss:// in REDIS_URL.'],
    [{ REDIS_URL: 'rediss://a', REDIS_CERT: 'c.pem' }, 'REDIS_CERT and REDIS_KEY belong together. Set both.'],
    [{ CORS_ORIGINS: '*' }, 'CORS_ORIGINS="*" must be origins such as https://shop.example.com, separated by commas.'],
    [{ CORS_ORIGINS: 'https://a.example/' }, 'CORS_ORIGINS="https://a.example/" must be origins such as https://shop.'],
    [{ CORS_ORIGINS: 'https://a.example,null' }, 'CORS_ORIGINS="https://a.example,null" must be origins such as'],
    [
      { NODE_ENV: 'prod' },
      'NODE_ENV="prod" must be one of development, production, test; the nearest is production. Set NODE_ENV=production',
    ],
    [{ NODE_ENV: 'Production' }, 'NODE_ENV="Production" must be one of development, production, test; the nearest is'],
    [{ STAMPEDE_SMTP_URL: 'smtp://127.0.0.1' }, 'STAMPEDE_SMTP_URL is not a variable. Did you mean SMTP_URL?'],
    [{ STAMPEDE_RATE_LIMTI: 'off' }, 'STAMPEDE_RATE_LIMTI is not a variable. Did you mean STAMPEDE_RATE_LIMIT?'],
    [
      { STAMPEDE_ADMIN_PASWORD: 'hunter2' },
      'STAMPEDE_ADMIN_PASWORD is not a variable. Did you mean STAMPEDE_ADMIN_PASSWORD?',
    ],
    [{ STAMPEDE_RATE_LIMIT: 'no' }, 'STAMPEDE_RATE_LIMIT="no" must be on or off. Set STAMPEDE_RATE_LIMIT=off for'],
    [{ STAMPEDE_RESERVATION_MINUTES: '0' }, 'STAMPEDE_RESERVATION_MINUTES="0" must be a whole number from 1 to 60.'],
    [{ STAMPEDE_RESERVATION_MINUTES: '61' }, 'STAMPEDE_RESERVATION_MINUTES="61" must be a whole number from 1 to 60.'],
    [{ STAMPEDE_RESERVATION_MINUTES: '1.5' }, 'STAMPEDE_RESERVATION_MINUTES="1.5" must be a whole number from 1 to'],
    [{ STAMPEDE_SANDBOX: 'yes' }, 'STAMPEDE_SANDBOX="yes" must be on or off. Set STAMPEDE_SANDBOX=on to move'],
    [
      { STAMPEDE_SANDBOX: 'on', NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) },
      'STAMPEDE_SANDBOX=on is refused when NODE_ENV=production. Leave it out.',
    ],
    [{ PAYMENT_PROVIDER: 'bank' }, 'PAYMENT_PROVIDER="bank" must be sandbox or none. Set PAYMENT_PROVIDER=sandbox to'],
    [
      { PAYMENT_PROVIDER: 'sandbox', NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) },
      'PAYMENT_PROVIDER=sandbox is refused when NODE_ENV=production: no payment would be real. Leave it out.',
    ],
    [
      { STAMPEDE_SANDBOX_PAYMENTS: 'delay' },
      'STAMPEDE_SANDBOX_PAYMENTS="delay" must be page, approve, decline, twice or',
    ],
    [{ STAMPEDE_SANDBOX_PAYMENTS: 'delay:0' }, 'STAMPEDE_SANDBOX_PAYMENTS="delay:0" must be page, approve, decline,'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL="loud" must be one of fatal, error, warn, info, debug, trace, silent. Set'],
    [
      { STAMPEDE_PUBLIC_URL: 'shop.example.com' },
      'STAMPEDE_PUBLIC_URL="shop.example.com" must be an http or https URL without query. Set for example',
    ],
    [{ STAMPEDE_PUBLIC_URL: 'https://x/?a=1' }, 'STAMPEDE_PUBLIC_URL="https://x/?a=1" must be an http or https URL'],
    [{ HOST: 'http://x' }, 'HOST="http://x" must be an address or host name of this machine. Set HOST=127.0.0.1'],
    [
      { STORE_ADDRESS: 'store' },
      'STORE_ADDRESS="store" must be host:port, several of them separated by commas, or dns:host:port. Set for example',
    ],
    [{ STORE_ADDRESS: 'a:1,dns:b:2' }, 'STORE_ADDRESS="a:1,dns:b:2" must be host:port, several of them separated by'],
    [
      { ETCD_ENDPOINTS: 'etcd' },
      'ETCD_ENDPOINTS="etcd" must be host:port, several of them separated by commas. Set for',
    ],
    [
      { ETCD_ENDPOINTS: '127.0.0.1:2379,10.0.0.7:2379' },
      'ETCD_ENDPOINTS has 10.0.0.7:2379, which is not on this machine and not encrypted. Set https://10.0.0.7:2379',
    ],
    [{ ETCD_ENDPOINTS: 'https://a:2379,b:2379' }, 'ETCD_ENDPOINTS mixes https with others. Set https for all.'],
    [
      { ETCD_ENDPOINTS: 'http://127.0.0.1:2379', ETCD_CA: 'ca.pem' },
      'ETCD_CA encrypts, and ETCD_ENDPOINTS has http. Set https, or leave ETCD_CA out.',
    ],
    [{ ETCD_ENDPOINTS: '[::1]:2379', ETCD_USER: 'a' }, 'ETCD_USER and ETCD_PASSWORD belong together. Set both.'],
    [{ ETCD_ENDPOINTS: '[::1]:2379', ETCD_KEY: 'a' }, 'ETCD_CERT and ETCD_KEY belong together. Set both.'],
    [{ ETCD_ENDPOINTS: '[::1]:2379', ETCD_PREFIX: 'a' }, 'ETCD_PREFIX="a" must be letters, digits, dots, hyphens'],
    [{ ETCD_CA: 'ca.pem' }, 'ETCD_CA has no effect without ETCD_ENDPOINTS. Set for example ETCD_ENDPOINTS=127.0.0.1'],
    [{ GRPC_ADVERTISE: '10.0.0.7:1' }, 'GRPC_ADVERTISE has no effect without ETCD_ENDPOINTS. Set for example'],
    [{ STAMPEDE_TIME_ZONE: 'Mars/Olympus' }, 'STAMPEDE_TIME_ZONE="Mars/Olympus" must be an IANA time zone. Set for'],
    [{ CURRENCY: 'won' }, 'CURRENCY="won" must be a currency code of ISO 4217. Set for'],
    [{ SHUTDOWN_DELAY_MS: '60001' }, 'SHUTDOWN_DELAY_MS="60001" must be a whole number from 0 to 60000. Set for'],
    [{ KAFKA_BROKERS: 'broker' }, 'KAFKA_BROKERS="broker" must be host:port, several of them separated by commas. Set'],
    [{ KAFKA_TLS: 'yes' }, 'KAFKA_TLS="yes" must be on or off. Set KAFKA_TLS=on to encrypt connections.'],
    [{ KAFKA_CA: '/ca.pem' }, 'KAFKA_CA has no effect without KAFKA_TLS=on. Set KAFKA_TLS=on to encrypt connections.'],
    [{ KAFKA_TLS: 'on', KAFKA_CERT: '/c.pem' }, 'KAFKA_CERT and KAFKA_KEY belong together. Set both, or none.'],
    [
      { KAFKA_SASL_MECHANISM: 'GSSAPI' },
      'KAFKA_SASL_MECHANISM="GSSAPI" must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER. Set for example',
    ],
    [{ KAFKA_USER: 'shop' }, 'KAFKA_USER has no effect without KAFKA_SASL_MECHANISM. Set for example KAFKA_SASL_'],
    [
      { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_USER: 'shop' },
      'KAFKA_PASSWORD is required with KAFKA_SASL_MECHANISM=SCRAM-SHA-512. Set the password of KAFKA_USER.',
    ],
    [
      { KAFKA_SASL_MECHANISM: 'OAUTHBEARER', KAFKA_PASSWORD: 'x' },
      'KAFKA_OAUTH_TOKEN_URL is required with KAFKA_SASL_MECHANISM=OAUTHBEARER. Set for example KAFKA_OAUTH_TOKEN_URL=',
    ],
    [
      { KAFKA_BROKERS: 'kafka:9092', KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_USER: 'shop', KAFKA_PASSWORD: 'hunter2' },
      'KAFKA_SASL_MECHANISM=PLAIN would send the password to kafka:9092 unencrypted. Set KAFKA_TLS=on, or use SCRAM-SHA-512.',
    ],
    [
      { KAFKA_BROKERS: '127.0.0.1:9092,kafka:9092', KAFKA_SASL_MECHANISM: 'OAUTHBEARER' },
      'KAFKA_SASL_MECHANISM=OAUTHBEARER would send the token to kafka:9092 unencrypted. Set KAFKA_TLS=on, or use',
    ],
    [
      { KAFKA_SASL_MECHANISM: 'OAUTHBEARER', KAFKA_OAUTH_TOKEN_URL: 'http://login.example.com/token' },
      'KAFKA_OAUTH_TOKEN_URL would send the secret unencrypted. Set an https URL.',
    ],
    [
      { KAFKA_REQUIRE_DURABLE: 'on', KAFKA_REPLICATION: '2' },
      'KAFKA_REPLICATION=2 is refused with KAFKA_REQUIRE_DURABLE=on. Set at least KAFKA_REPLICATION=3.',
    ],
    [
      { PAYMENT_EVENTS: 'trust' },
      'PAYMENT_EVENTS="trust" must be signed or trust-acl. Set PAYMENT_EVENTS=trust-acl only',
    ],
    [
      { PAYMENT_EVENT_KEYS: `bank:${Buffer.alloc(31).toString('base64')}` },
      'PAYMENT_EVENT_KEYS must be producer:base64 of 32 to 128 bytes, several separated by commas. Set for example',
    ],
    [
      { PAYMENT_EVENT_KEYS: 'hunter2' },
      'PAYMENT_EVENT_KEYS must be producer:base64 of 32 to 128 bytes, several separated',
    ],
    [{ KAFKA_PARTITIONS: '0' }, 'KAFKA_PARTITIONS="0" must be a whole number from 1 to 1000. Set for example'],
    [{ KAFKA_TOPIC_PREFIX: 'a b' }, 'KAFKA_TOPIC_PREFIX="a b" must be letters, digits, dots, hyphens and underscores'],
    [{ STAMPEDE_ADMIN_EMAIL: 'me' }, 'STAMPEDE_ADMIN_EMAIL="me" must be an e-mail address. Set for example'],
  ])('the invalid variable %j is refused in one line that names it and a valid value', (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });
});

it('Kafka is used when its brokers are set', () => {
  expect(readSettings({ KAFKA_BROKERS: 'a:9092,b.example:9093' }).kafka).toEqual({
    brokers: ['a:9092', 'b.example:9093'],
    partitions: 6,
    prefix: '',
    createTopics: true,
    requireDurable: false,
  });
  const topics = { KAFKA_REPLICATION: '3', KAFKA_CREATE_TOPICS: 'off', KAFKA_REQUIRE_DURABLE: 'on' };
  expect(readSettings({ KAFKA_BROKERS: 'a:9092', ...topics }).kafka).toMatchObject({
    replication: 3,
    createTopics: false,
    requireDurable: true,
  });
  expect(readSettings({ KAFKA_PARTITIONS: '12', KAFKA_TOPIC_PREFIX: 'x.' }).kafka).toBeUndefined();
});

it('a context is at several addresses, or at those of a DNS name', () => {
  const read = (STORE_ADDRESS: string) => readSettings({ STORE_ADDRESS }).services.addresses.store;
  expect(read('10.0.0.7:50051,[::1]:50052')).toEqual({ kind: 'STATIC', addresses: ['10.0.0.7:50051', '[::1]:50052'] });
  expect(read('dns:store.internal:50051')).toEqual({ kind: 'DNS', addresses: ['store.internal:50051'] });
});

it('processes find each other in etcd when its members are set, encrypted when they say so or have an authority', () => {
  const read = (env: Readonly<Record<string, string>>) => readSettings(env).services.etcd;
  const settings = { isEncrypted: false, tls: {}, login: undefined, prefix: '/stampede/' };
  expect(read({ ETCD_ENDPOINTS: 'http://127.0.0.1:2379,[::1]:2379' })).toEqual({
    ...settings,
    endpoints: ['127.0.0.1:2379', '[::1]:2379'],
  });
  const login = { ETCD_USER: 'stampede', ETCD_PASSWORD: 'secret', ETCD_PREFIX: '/staging/' };
  expect(read({ ETCD_ENDPOINTS: 'https://etcd.internal:2379', ...login })).toEqual({
    endpoints: ['etcd.internal:2379'],
    isEncrypted: true,
    tls: {},
    login: { user: 'stampede', password: 'secret' },
    prefix: '/staging/',
  });
  expect(read({ ETCD_ENDPOINTS: 'etcd.internal:2379', ETCD_CA: 'ca.pem' })).toMatchObject({
    isEncrypted: true,
    tls: { ca: 'ca.pem' },
  });
});

it('mail is sent when its server, its sender and the public URL are set', () => {
  const SMTP_URL = 'smtps://ada:p%40ss@mail.example.com';
  const { mail } = readSettings({
    SMTP_URL,
    MAIL_FROM: 'Shop <a@example.com>',
    STAMPEDE_PUBLIC_URL: 'https://x.example/',
  });
  expect(mail).toEqual({
    smtp: { host: 'mail.example.com', port: 465, isImplicitTls: true, login: { user: 'ada', password: 'p@ss' } },
    from: { name: 'Shop', address: 'a@example.com' },
    linkBase: 'https://x.example',
    dkim: undefined,
    sender: undefined,
    domainRate: 600,
    linkSecrets: [],
  });
  expect(() => readSettings({ SMTP_URL: 'smpt://ada:hunter2@x' })).toThrow(/^(?!.*hunter2)/);
});

it('a misspelt variable is named without its value, which may be a secret', () => {
  expect(() => readSettings({ STAMPEDE_ADMIN_PASWORD: 'hunter2' })).toThrow(/^(?!.*hunter2)/);
});

it('origins of browsers are separated by commas', () => {
  const { corsOrigins } = readSettings({ CORS_ORIGINS: 'https://shop.example.com, http://localhost:3000' });
  expect(corsOrigins).toEqual(['https://shop.example.com', 'http://localhost:3000']);
});

it('proxies are given by their number or their networks', () => {
  const read = (TRUST_PROXY: string) => readSettings({ TRUST_PROXY }).trustProxy;
  expect(read('2')).toBe(2);
  expect(read('loopback')).toEqual(['loopback']);
  expect(read('loopback, 10.0.0.0/8,2001:db8::/32,192.0.2.1')).toEqual([
    'loopback',
    '10.0.0.0/8',
    '2001:db8::/32',
    '192.0.2.1',
  ]);
});

it('each limit has a variable of its own', () => {
  const names = Object.keys(LIMIT_VARIABLES);
  const numbers = (env: Readonly<Record<string, string>>): readonly number[] => {
    const { mail, codes, streams, ...limits } = readSettings(env).limits;
    return [...Object.values(limits), ...Object.values(mail), ...Object.values(codes), ...Object.values(streams)];
  };
  const changed = names.map((name) => {
    const after = numbers({ [name]: '7' });
    return numbers({}).flatMap((value, place) => (value === after[place] ? [] : [place]));
  });
  expect(changed).toEqual(names.map((_, place) => [place]));
});

it('the public URL may have another origin and a path; a slash at the end is removed', () => {
  const read = (STAMPEDE_PUBLIC_URL: string) => readSettings({ STAMPEDE_PUBLIC_URL }).publicUrl;
  expect(read('https://shop.example.com/')).toBe('https://shop.example.com');
  expect(read('http://192.0.2.1:8080/promo')).toBe('http://192.0.2.1:8080/promo');
});

it('several bad variables are all named, a line each', () => {
  expect(() => readSettings({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/^PORT="x" [^\n]+\nLOG_LEVEL="y" [^\n]+$/);
});

it.each([
  { DATABASE_URL: 'mysql://shop:hunter2@db/shop' },
  { JWT_SECRET: 'hunter2' },
  { STAMPEDE_ADMIN_PASSWORD: 'hunter2' },
  { REDEMPTION_SECRET: 'hunter2' },
  { REDEMPTION_SECRET: `${KEY},hunter2` },
  { PAYMENT_WEBHOOK_SECRET: 'hunter2' },
  { PAYMENT_WEBHOOK_SECRET: `whsec_${'k'.repeat(32)},hunter2` },
  { MAIL_WEBHOOK_SECRET: `whsec_${'k'.repeat(32)},hunter2` },
])('a secret is refused without being repeated: %j', (env) => {
  const [name = ''] = Object.keys(env);
  expect(() => readSettings(env)).toThrow(new RegExp(`^${name} must (?!.*hunter2)`));
});

it.each([
  { ETCD_ENDPOINTS: 'http://shop:hunter2@127.0.0.1:2379' },
  { ETCD_ENDPOINTS: '10.0.0.1:2379,http://shop:hunter2@10.0.0.2:2379' },
  {
    KAFKA_BROKERS: 'hunter2@10.0.0.1:9092',
    KAFKA_SASL_MECHANISM: 'PLAIN',
    KAFKA_USER: 'shop',
    KAFKA_PASSWORD: 'secret',
  },
  { COUPON_ADDRESS: 'hunter2@127.0.0.1:9092' },
  { GATEWAY_URL: 'ftp://shop:hunter2,@2@127.0.0.1' },
])('an address is refused without its login: %j', (env) => {
  const [name = ''] = Object.keys(env);
  expect(() => readSettings(env)).toThrow(new RegExp(`^(?!.*hunter2)${name}=.*\\[redacted\\]@[\\d.]+`, 's'));
});

it('the sandbox is the payment provider by default, except in production', () => {
  const production = { NODE_ENV: 'production', JWT_SECRET: KEY };
  expect(readSettings(production).paymentProvider).toBe('none');
  expect(readSettings({ PAYMENT_PROVIDER: 'none' }).paymentProvider).toBe('none');
  const behaviours = ['approve', 'decline', 'twice', 'delay:90', 'page'].map(
    (text) => readSettings({ STAMPEDE_SANDBOX_PAYMENTS: text }).sandboxPayments,
  );
  expect(behaviours).toEqual([
    { kind: 'APPROVE' },
    { kind: 'DECLINE' },
    { kind: 'APPROVE_TWICE' },
    { kind: 'APPROVE_LATER', afterMs: 90_000 },
    { kind: 'PAGE' },
  ]);
});

it('webhooks have several encryption secrets, and hosts of the own network that they may reach', () => {
  const { webhooks } = readSettings({
    WEBHOOK_ENCRYPTION_SECRET: `${KEY}, ${KEY}old`,
    WEBHOOK_ALLOWED_HOSTS: 'orders.internal, 10.20.0.0/16',
  });
  expect(webhooks.encryptionSecrets).toEqual([KEY, `${KEY}old`]);
  expect(webhooks.allowedHosts?.mayReach('10.20.3.4', 'other.internal')).toBe(true);
  expect(() => readSettings({ WEBHOOK_ALLOWED_HOSTS: '10.20.0.0/33' })).toThrow('WEBHOOK_ALLOWED_HOSTS');
});

it('redemption codes have several secrets while one replaces the other', () => {
  expect(readSettings({ REDEMPTION_SECRET: `${KEY}, ${KEY}old` }).redemptionSecrets).toEqual([KEY, `${KEY}old`]);
});

it('webhooks may be signed with any of several secrets', () => {
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(24, 2)];
  const secrets = keys.map((key) => `whsec_${key.toString('base64')}`);
  expect(readSettings({ PAYMENT_WEBHOOK_SECRET: secrets.join(', ') }).webhookKeys).toEqual(keys);
});

it('a producer of payment events has several keys while one replaces the other', () => {
  const [first, second, other] = [1, 2, 3].map((fill) => Buffer.alloc(32, fill));
  const text = `bank:${first?.toString('base64')}, shop:${other?.toString('base64')}, bank:${second?.toString('base64')}`;
  expect(readSettings({ PAYMENT_EVENT_KEYS: text }).paymentEvents).toEqual({
    trustAcl: false,
    keys: new Map([
      ['bank', [first, second]],
      ['shop', [other]],
    ]),
  });
});

it('Kafka may be encrypted, and asked with a password, a token or a certificate', () => {
  const kafka = { KAFKA_BROKERS: 'kafka:9093', KAFKA_TLS: 'on', KAFKA_CA: '/ca.pem' };
  const password = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_USER: 'shop', KAFKA_PASSWORD: 'secret' };
  expect(readSettings({ ...kafka, ...password }).kafka?.security).toEqual({
    tls: { ca: '/ca.pem' },
    sasl: { mechanism: 'PLAIN', user: 'shop', password: 'secret' },
  });
  const token = {
    KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
    KAFKA_OAUTH_TOKEN_URL: 'https://login.example.com/token',
    KAFKA_OAUTH_CLIENT_ID: 'shop',
    KAFKA_OAUTH_CLIENT_SECRET: 'secret',
  };
  expect(readSettings({ ...kafka, ...token }).kafka?.security?.sasl).toEqual({
    mechanism: 'OAUTHBEARER',
    tokenUrl: 'https://login.example.com/token',
    clientId: 'shop',
    clientSecret: 'secret',
  });
  const certificate = { ...kafka, KAFKA_CERT: '/cert.pem', KAFKA_KEY: '/key.pem' };
  expect(readSettings(certificate).kafka?.security).toEqual({
    tls: { ca: '/ca.pem', cert: '/cert.pem', key: '/key.pem' },
  });
});

it('production needs a key for tokens', () => {
  expect(() => readSettings({ NODE_ENV: 'production' })).toThrow('JWT_SECRET is required when NODE_ENV=production.');
  expect(readSettings({ NODE_ENV: 'production', JWT_SECRET: KEY }).production).toBe(true);
});

it('files are kept in a bucket when one is named, at AWS unless another endpoint is', () => {
  const keys = { FILES_S3_ACCESS_KEY_ID: 'id', FILES_S3_SECRET_ACCESS_KEY: 'secret' };
  const bucket = { FILES_S3_BUCKET: 'shop-images', FILES_S3_REGION: 'ap-northeast-2', ...keys };
  const settings = {
    kind: 'S3',
    bucket: 'shop-images',
    region: 'ap-northeast-2',
    accessKeyId: 'id',
    secretAccessKey: 'secret',
  };
  expect(readSettings(bucket).files).toEqual({
    ...settings,
    endpoint: 'https://s3.ap-northeast-2.amazonaws.com',
    pathStyle: false,
  });
  const other = { ...bucket, FILES_S3_ENDPOINT: 'https://s3.example.com/', FILES_S3_PATH_STYLE: 'on' };
  expect(readSettings(other).files).toEqual({ ...settings, endpoint: 'https://s3.example.com', pathStyle: true });
  expect(() => readSettings({ FILES_S3_BUCKET: 'shop-images', FILES_S3_ACCESS_KEY_ID: 'id' })).toThrow(
    /^FILES_S3_SECRET_ACCESS_KEY is required with FILES_S3_BUCKET/,
  );
});

it('WORKERS=auto is one worker for each core', () => {
  expect(readSettings({ WORKERS: 'auto' }).workers).toBe(availableParallelism());
});

it('docs/configuration.md lists every variable with its default, and no other', () => {
  const [, table] = /^\| Variable .*\n((?:\|.*\n)+)/m.exec(readFileSync('docs/configuration.md', 'utf8')) ?? [];
  const documented = [...(table ?? '').matchAll(/^\| `([A-Z0-9_]+)` *\| (?:`([^`]+)` *|[^|]*)\|/gm)].map(
    ([, name, value]) => [name, value],
  );
  const defaults: Record<string, unknown> = ENVIRONMENT.parse({});
  const textOf = (value: unknown) => (value === undefined ? undefined : String(value));
  const existing = Object.keys(ENVIRONMENT.shape).map((name) => [name, textOf(defaults[name])]);
  expect(documented).toEqual(existing);
});
