import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorText } from '../../commands/doctor/doctor-text.ts';
import { readSettings } from '../config.ts';
import { ALL } from '../parts.ts';
import { fail, ok, warn } from './finding.ts';
import { runDoctor } from './run-doctor.ts';
import { SETTINGS_CHECKS } from './settings-checks.ts';
import { TLS_CHECKS } from './tls-checks.ts';

const RANDOM = 'q0Jr8mVfTzXy2LbWc5KdHn7PgS4uEaRi9oCj6BtZk1s';
const OTHER = 'Zk1sq0Jr8mVfTzXy2LbWc5KdHn7PgS4uEaRi9oCj6Bt';
const MAIL = {
  SMTP_URL: 'smtp://mail.example.com:587',
  MAIL_FROM: 'no-reply@shop.example.com',
  STAMPEDE_PUBLIC_URL: 'https://shop.example.com',
};
const PRODUCTION = { NODE_ENV: 'production', JWT_SECRET: RANDOM, METRICS_PORT: '9464' };

/** The findings of one check that are not ok. */
async function problemsOf(name: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const checks = [...SETTINGS_CHECKS, ...TLS_CHECKS].filter((check) => check.name === name);
  expect(checks).toHaveLength(1);
  const lines = await runDoctor({ settings: readSettings(env), target: ALL, processes: 0 }, checks);
  return lines.filter(({ verdict }) => verdict !== 'ok').map(({ verdict, text }) => `${verdict}: ${text}`);
}

it('an empty environment on one machine has no failure, and production with random keys no warning', async () => {
  const verdictsOf = async (env: Readonly<Record<string, string>>) => {
    const checks = [...SETTINGS_CHECKS, ...TLS_CHECKS];
    const lines = await runDoctor({ settings: readSettings(env), target: ALL, processes: 0 }, checks);
    return [...new Set(lines.map(({ verdict }) => verdict))].sort();
  };
  expect(await verdictsOf({})).toEqual(['ok', 'warn']);
  expect(await verdictsOf(PRODUCTION)).toEqual(['ok']);
});

describe('what is wrong with variables', () => {
  it.each([
    ['mode', { STAMPEDE_SANDBOX: 'on' }, 'warn: STAMPEDE_SANDBOX=on: administrators move the time.'],
    ['mode', { STAMPEDE_SANDBOX: 'on', HOST: '0.0.0.0' }, 'fail: STAMPEDE_SANDBOX=on: administrators move the time.'],
    ['mode', { STAMPEDE_PUBLIC_URL: 'https://shop.example.com' }, 'fail: PAYMENT_PROVIDER is the sandbox'],
    ['mode', { HOST: '10.0.0.1' }, 'warn: NODE_ENV is not production'],
    [
      'mode',
      { ...PRODUCTION, KAFKA_BROKERS: '127.0.0.1:9092', PAYMENT_EVENTS: 'trust-acl' },
      'warn: PAYMENT_EVENTS=trust-acl',
    ],
    ['limits', { STAMPEDE_RATE_LIMIT: 'off' }, 'warn: STAMPEDE_RATE_LIMIT=off'],
    ['limits', { ...PRODUCTION, STAMPEDE_RATE_LIMIT: 'off' }, 'fail: STAMPEDE_RATE_LIMIT=off'],
    ['proxy', { STAMPEDE_PUBLIC_URL: 'https://shop.example.com' }, 'TRUST_PROXY is not set'],
    ['metrics', { HOST: '0.0.0.0' }, 'warn: /metrics is on the port of the API'],
    ['keys', { JWT_SECRET: 'k'.repeat(32) }, 'fail: JWT_SECRET can be guessed'],
    ['keys', { SERVICE_SECRET: `changeme-${RANDOM}` }, 'fail: SERVICE_SECRET can be guessed'],
    ['keys', { ...MAIL, MAIL_LINK_SECRET: `changeme-${RANDOM}` }, 'fail: MAIL_LINK_SECRET can be guessed'],
    ['keys', { ...MAIL, MAIL_LINK_SECRET: `${RANDOM},${'k'.repeat(32)}` }, 'fail: MAIL_LINK_SECRET can be guessed'],
    [
      'keys',
      { ...MAIL, JWT_SECRET: RANDOM, MAIL_LINK_SECRET: RANDOM },
      'warn: JWT_SECRET and MAIL_LINK_SECRET are the same',
    ],
    [
      'keys',
      { PAYMENT_EVENT_KEYS: `shop:${Buffer.alloc(32, 1).toString('base64')}`, KAFKA_BROKERS: '127.0.0.1:9092' },
      'fail: The key of shop in PAYMENT_EVENT_KEYS can be guessed',
    ],
    ['keys', { JWT_SECRET: RANDOM, REDEMPTION_SECRET: RANDOM }, 'warn: JWT_SECRET and REDEMPTION_SECRET are the same'],
    [
      'passwords',
      { DATABASE_URL: 'postgres://u:postgres@localhost/d' },
      'warn: The password of DATABASE_URL can be guessed',
    ],
    [
      'passwords',
      { ...PRODUCTION, DATABASE_URL: 'postgres://u:Xk3jq@localhost/d' },
      'fail: The password of DATABASE_URL can be guessed',
    ],
    [
      'passwords',
      { ...PRODUCTION, DATABASE_URL: `postgres://u:${RANDOM}@localhost/d?password=abc` },
      'fail: The password of DATABASE_URL can be guessed',
    ],
    ['passwords', { STAMPEDE_ADMIN_PASSWORD: 'my-password-1' }, 'warn: STAMPEDE_ADMIN_PASSWORD can be guessed'],
    [
      'database encryption',
      { DATABASE_URL: 'postgres://u@db.internal/d' },
      'fail: DATABASE_URL connects to db.internal without encryption',
    ],
    [
      'database encryption',
      { DATABASE_URL: 'postgres://u@localhost/d', READ_DATABASE_URL: 'postgres://u@replica/d?sslmode=no-verify' },
      'warn: READ_DATABASE_URL encrypts, and accepts every certificate of replica',
    ],
    [
      'passwords',
      { COUPON_SHARDS: '2', COUPON_SHARD_DATABASE_URLS: 'postgres://u:postgres@localhost/d' },
      'warn: The password of COUPON_SHARD_DATABASE_URLS can be guessed',
    ],
    [
      'database encryption',
      {
        COUPON_SHARDS: '4',
        COUPON_SHARD_DATABASE_URLS:
          'postgres://u@localhost/a postgres://u@far/b?sslmode=verify-full postgres://u@db.internal/c',
      },
      'fail: COUPON_SHARD_DATABASE_URLS connects to db.internal without encryption',
    ],
    [
      'database encryption',
      { POINT_READ_DATABASE_URL: 'postgres://u@replica/d' },
      'fail: POINT_READ_DATABASE_URL connects to replica without encryption',
    ],
  ] as const)('%s: %j is found', async (check, env, expected) => {
    expect(await problemsOf(check, env)).toContainEqual(expect.stringContaining(expected));
  });

  it.each([
    ['mode', { ...PRODUCTION }],
    ['proxy', { STAMPEDE_PUBLIC_URL: 'https://shop.example.com', TRUST_PROXY: '1' }],
    ['metrics', { HOST: '0.0.0.0', METRICS_PORT: '9464' }],
    ['keys', { JWT_SECRET: RANDOM, SERVICE_SECRET: OTHER }],
    ['keys', { ...MAIL, JWT_SECRET: RANDOM, MAIL_LINK_SECRET: OTHER }],
    ['passwords', { DATABASE_URL: `postgres://u:${RANDOM}@localhost/d` }],
    ['database encryption', { DATABASE_URL: 'postgres://u@db.internal/d?sslmode=verify-full' }],
    ['database encryption', { DATABASE_URL: 'postgres://u@127.0.0.1:5432/d' }],
    ['database encryption', { DATABASE_URL: 'postgres://u@[::1]:5432/d' }],
  ] as const)('%s: %j has no finding', async (check, env) => {
    expect(await problemsOf(check, env)).toEqual([]);
  });

  it('an address that two variables have has one finding', async () => {
    const url = 'postgres://u@db.internal/d';
    expect(await problemsOf('database encryption', { DATABASE_URL: url, COUPON_DATABASE_URL: url })).toHaveLength(1);
  });

  it('no finding shows a secret', async () => {
    const env = { JWT_SECRET: 'secret-'.repeat(5), DATABASE_URL: 'postgres://u:postgres-pw@db.internal/d' };
    const lines = await runDoctor({ settings: readSettings(env), target: ALL, processes: 0 }, [
      ...SETTINGS_CHECKS,
      ...TLS_CHECKS,
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret-secret|postgres-pw/);
  });
});

describe('a certificate', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'stampede-doctor-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  function certificate(days: string): string {
    const path = join(dir, `days${days}.pem`);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(dir, 'key')];
    execFileSync('openssl', ['req', '-x509', ...key, '-out', path, '-days', days, '-subj', '/CN=gateway'], {
      stdio: 'pipe',
    });
    return path;
  }
  const found = (path: string) => problemsOf('certificates', { GRPC_CERT: path });

  it('that is valid for a month has no finding', async () => {
    expect(await found(certificate('30'))).toEqual([]);
  });

  it('that expires within 14 days is a warning', async () => {
    expect(await found(certificate('13'))).toEqual([
      expect.stringMatching(/^warn: GRPC_CERT \(CN=gateway\) expires on/),
    ]);
  });

  it('that is no certificate, or cannot be read, is a failure', async () => {
    const empty = join(dir, 'empty.pem');
    writeFileSync(empty, '');
    expect(await found(empty)).toEqual([expect.stringMatching(/^fail: GRPC_CERT contains no certificate/)]);
    expect(await found(join(dir, 'missing.pem'))).toEqual([expect.stringMatching(/^fail: .*GRPC_CERT cannot be read/)]);
  });
});

it('a check that throws is a failure, and the others are carried out', async () => {
  const checks = [
    {
      name: 'first',
      run() {
        throw new Error('no route');
      },
    },
    { name: 'second', run: () => [ok('fine')] },
  ];
  const lines = await runDoctor({ settings: readSettings({}), target: ALL, processes: 0 }, checks);
  expect(lines).toEqual([
    { check: 'first', verdict: 'fail', text: 'This could not be checked: no route.' },
    { check: 'second', verdict: 'ok', text: 'fine' },
  ]);
});

it('the text has a line for each finding, and counts the verdicts', () => {
  const lines = [ok('a'), warn('b'), fail('c')].map((finding, n) => ({ check: `check ${n}`, ...finding }));
  expect(doctorText(lines)).toBe(
    ['  ok    check 0  a', '  warn  check 1  b', '  fail  check 2  c', '', 'ok: 1, warnings: 1, failures: 1', ''].join(
      '\n',
    ),
  );
});
