import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { type Config, readSettings } from '../../src/app/config.ts';
import { type Overrides, type Server, startServer } from '../../src/app/server.ts';
import { type AccessClaims, accessTokens, type Role, validFor } from '../../src/platform/http/access-token.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { DEFAULT_SHOP } from '../../src/platform/kernel/shop.ts';
import { requireListed } from '../support/listed-problems.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { serverUnderTest } from '../url/server-under-test.ts';

const given = serverUnderTest(process.env);
export const SECRET = given?.jwtSecret ?? 'attack-tests-attack-tests-attack-tests';
/** A provider signs with the first one; the second is the previous one. */
export const [WEBHOOK_KEY, OLD_WEBHOOK_KEY] = given?.webhookKeys ?? [
  Buffer.alloc(32, 'attack'),
  Buffer.alloc(32, 'old'),
];
export const ADMIN = given?.admin ?? { email: 'admin@example.com', password: 'correct horse battery' };
const LIFE_SECONDS = 900;
const CLOCK = '/api/v1/sandbox/clock';

/** The limits by default. */
export const { limits: LIMITS } = readSettings({});

/** A server for a test: one of its own, or the one of STAMPEDE_TEST_URL, which others use, too, and whose time may have been moved. */
export interface Stage {
  /** The base URL of the server. */
  readonly url: string;
  /** A test that needs it has one of the tags of test/url/tags.ts. */
  readonly server: Server;
  /** As `server`. */
  readonly database: TestDatabase;
  /** As the owner of the schemas. As `server`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read rows of every shape
  query<Row extends pg.QueryResultRow = any>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>;
  /** The time of policies, coupons, points, time sales and orders, in ms. */
  now(): number;
  /** The time of tokens and signatures, in ms. */
  realNow(): number;
  /** Moves the time forward. Tasks may run meanwhile. */
  advance(ms: number): Promise<void>;
  /** Runs every scheduled task. Returns how many things each processed. */
  runJobs(): Promise<Readonly<Record<string, number>>>;
  /** What the audits find. Always empty for STAMPEDE_TEST_URL, where `npm run test:url` audits everything at the end. */
  violations(): Promise<readonly unknown[]>;
  /** A token without a session, as a shop's own login would sign it. A SERVICE needs `scope`. */
  token(userId: string, role?: Role, scope?: string): string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string;
  readonly json?: unknown;
  /** The raw body, sent as JSON. */
  readonly text?: string;
  /** A multipart body. */
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read responses of every shape
  readonly body: any;
}

export const configOf = (databaseUrl: string, changes: Partial<Config> = {}): Config => ({
  host: '127.0.0.1',
  port: 0,
  metricsPort: undefined,
  workers: 1,
  corsOrigins: [],
  publicReadMaxAgeSeconds: 0,
  trustProxy: undefined,
  publicUrl: undefined,
  shards: { own: undefined, of: {} },
  dataDir: '/nonexistent',
  files: { kind: 'DIRECTORY', directory: inject('filesDirectory') },
  filesUrl: undefined,
  databaseUrl,
  shop: DEFAULT_SHOP,
  migrationDatabaseUrl: undefined,
  ways: { READ_DATABASE_URL: undefined, DATABASE_POOLER_URL: undefined },
  services: {
    grpcPort: 0,
    grpcHost: '127.0.0.1',
    tls: undefined,
    secrets: [],
    gatewayPublicKeys: undefined,
    gatewayUrl: undefined,
    advertise: undefined,
    etcd: undefined,
    shutdownDelayMs: undefined,
    databaseUrls: {},
    ways: { READ_DATABASE_URL: {}, DATABASE_POOLER_URL: {} },
    addresses: {},
  },
  kafka: undefined,
  redis: undefined,
  paymentEvents: { trustAcl: false, keys: new Map() },
  jwtSecrets: [SECRET],
  issuers: [],
  jwtMaxLifetimeSeconds: 3_600,
  redemptionSecrets: [],
  mailWebhookKeys: [],
  push: undefined,
  webhooks: { allowedHosts: undefined, encryptionSecrets: [], keptDays: 7 },
  adminEmail: ADMIN.email,
  adminPassword: ADMIN.password,
  rateLimit: false,
  limits: LIMITS,
  reservationMinutes: 10,
  openingReminderMinutes: 10,
  pointBalanceMax: 1_000_000n,
  pointEarnRateBp: 0n,
  pointEarnDelayDays: 7,
  paymentProvider: 'sandbox',
  mail: undefined,
  sandboxPayments: { kind: 'PAGE' },
  webhookKeys: [WEBHOOK_KEY, OLD_WEBHOOK_KEY],
  logLevel: 'silent',
  production: false,
  sandbox: false,
  ...changes,
});

/**
 * A real server on a database of its own, or that of STAMPEDE_TEST_URL. Rate limits are off unless `changes` turn them on.
 * @throws Error when a test with settings of its own does not say so by a tag
 */
export async function stage(changes: Partial<Config> = {}, overrides: Overrides = {}): Promise<Stage> {
  if (given === undefined) return await ownStage(changes, overrides);
  const names = Object.keys({ ...changes, ...overrides }).filter((name) => !ELSEWHERE.has(name));
  if (names.length > 0) throw new Error(`a test with its own ${names.join(', ')} has the tag 'settings'`);
  return await stageAt(given.url);
}

/** The sandbox is on there, and its log and its files cannot be seen: tests that look at them have the tag 'process'. */
const ELSEWHERE: ReadonlySet<string> = new Set(['sandbox', 'log', 'files'] satisfies (
  | keyof Config
  | keyof Overrides
)[]);

async function ownStage(changes: Partial<Config>, overrides: Overrides): Promise<Stage> {
  const database = await testDatabase();
  let movedMs = 0;
  const presentAt = overrides.presentAt ?? ((databaseMs: number) => databaseMs + movedMs);
  const server = await startServer(configOf(database.programUrl, changes), { ...overrides, presentAt });
  const now = () => presentAt(Date.now());
  let pool: pg.Pool | undefined;
  const on: Stage = {
    url: server.url,
    server,
    database,
    query(text, values = []) {
      pool ??= new pg.Pool({ connectionString: database.url, max: 4 });
      return pool.query(text, [...values]);
    },
    now,
    realNow: now,
    async advance(ms) {
      movedMs += ms;
      // Ids of that time can be had once the node's lease covers it.
      const token = on.token('1', 'ADMIN');
      const path = '/api/v1/coupon-policies';
      await until(async () => (await on.call('POST', path, { token, json: policyBody({}, now()) })).status === 201);
    },
    runJobs: () => server.runJobs(),
    async violations() {
      const { audits } = await runAudits(database.programUrl, {});
      return audits.filter(({ ok }) => !ok);
    },
    token: (userId, role, scope) => server.tokens.sign(claimsOf(now(), userId, role, scope)),
    call: (method, path, options) => call(server.url, method, path, options),
    async stop() {
      await pool?.end();
      await server.stop();
      await database.drop();
    },
  };
  return on;
}

const NEEDS_ROWS = "a test that needs rows has the tag 'rows'";
/** How far the time of the server at STAMPEDE_TEST_URL is ahead. */
let aheadMs = 0;

async function stageAt(url: string): Promise<Stage> {
  const tokens = accessTokens(SECRET, Date.now);
  const token: Stage['token'] = (userId, role, scope) => tokens.sign(claimsOf(Date.now(), userId, role, scope));
  const ask = async (method: string, path: string, json?: unknown): Promise<Answer['body']> => {
    const { status, text, body } = await call(url, method, path, { token: token('1', 'ADMIN'), json });
    if (status !== 200) throw new Error(`is the sandbox of ${url} on? ${method} ${path}: ${status} ${text}`);
    return body;
  };
  aheadMs = (await ask('GET', CLOCK)).aheadSeconds * 1_000;
  return {
    url,
    get server(): never {
      throw new Error("a test that needs the server's process has the tag 'process'");
    },
    get database(): never {
      throw new Error(NEEDS_ROWS);
    },
    query: async () => {
      throw new Error(NEEDS_ROWS);
    },
    now: () => Date.now() + aheadMs,
    realNow: Date.now,
    async advance(ms) {
      aheadMs = (await ask('POST', CLOCK, { advanceSeconds: Math.ceil(ms / 1_000) })).aheadSeconds * 1_000;
    },
    runJobs: async () => (await ask('POST', '/api/v1/sandbox/jobs')).ran,
    violations: async () => [],
    token,
    call: (method, path, options) => call(url, method, path, options),
    stop: async () => {},
  };
}

function claimsOf(nowMs: number, userId: string, role: Role = 'CUSTOMER', scope?: string): AccessClaims {
  return { sub: userId, role, ...validFor(LIFE_SECONDS, nowMs), ...(scope === undefined ? {} : { scope }) };
}

let emails = 0;

/** An e-mail address that nobody has used, beginning with this name. */
export const newEmail = (name: string): string => `${name}-${++emails}-${randomUUID()}@example.com`;

const FILE_USERS_MAX = 1_000_000;
const BASES = 2 ** 42;

/** Returns the ids of users by a number below 1,000,000. No other call, process or run of the tests has the same ones. */
export function testUsers(): (number: number) => string {
  const base = BigInt(randomInt(1, BASES)) * BigInt(FILE_USERS_MAX);
  return (number) => String(base + BigInt(number));
}

/** Keys of one run of the tests are not those of an earlier one, which a server that the tests did not start still knows. */
const RUN = given === undefined ? '' : `-${randomUUID().slice(0, 8)}`;
/** For names that are unique on a server, such as coupon codes: other runs have another one. */
export const RUN_NUMBER = String(randomInt(100_000, 1_000_000));
const KEY = 'idempotency-key';
/** Others are about the form of keys. */
const ORDINARY_KEY = /^[\w.:-]{1,100}$/;

function ofThisRun(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const key = headers[KEY];
  return key !== undefined && ORDINARY_KEY.test(key) ? { ...headers, [KEY]: `${key}${RUN}` } : headers;
}

/** Sends a request. Throws when the response is a problem that the route does not list. */
export async function call(base: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const text = options.text ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      ...ofThisRun(options.headers ?? {}),
    },
    ...(text === undefined ? {} : { body: text }),
    ...(options.form === undefined ? {} : { body: options.form }),
  });
  const sent = await response.text();
  const answer: Answer = { status: response.status, headers: response.headers, text: sent, body: parsed(sent) };
  if (answer.body?.type?.startsWith?.('urn:stampede:problem:')) requireListed(method, path, answer.body.code);
  return answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an admin sends for an open FIRST_COME policy. */
export const policyBody = (changes: Readonly<Record<string, unknown>> = {}, nowMs = Date.now() + aheadMs) => ({
  name: 'Opening day',
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  distributionType: 'FIRST_COME',
  maxIssueCount: 100,
  validDays: 30,
  validFrom: new Date(nowMs - DAY_MS).toISOString(),
  validUntil: new Date(nowMs + DAY_MS).toISOString(),
  ...changes,
});

/** Creates an ACTIVE policy. Returns its id. */
export async function openPolicy(on: Stage, changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const admin = on.token('1', 'ADMIN');
  const created = await on.call('POST', '/api/v1/coupon-policies', {
    token: admin,
    json: policyBody(changes, on.now()),
  });
  if (created.status !== 201) throw new Error(`no policy: ${created.text}`);
  const id: string = created.body.couponPolicyId;
  const opened = await on.call('POST', `/api/v1/admin/coupon-policies/${id}/activate`, { token: admin });
  if (opened.status !== 200) throw new Error(`not activated: ${opened.text}`);
  return id;
}

/** Opens a store of this OWNER. Returns its id. */
export async function storeOf(
  on: Stage,
  ownerId: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const token = on.token(ownerId, 'OWNER');
  const json = { name: 'Cafe Sol', category: 'CAFE', ...changes };
  const opened = await on.call('POST', '/api/v1/stores', { token, json });
  if (opened.status !== 201) throw new Error(`no store: ${opened.text}`);
  return opened.body.storeId;
}

/** Keeps every event from now on, because the relay deletes published ones. Returns a function that reads them. */
export async function keepEvents({ query }: Pick<Stage, 'query'>): Promise<() => Promise<readonly string[]>> {
  await query(`
    create table public.outbox_ever (payload text);
    create function public.keep_outbox() returns trigger language plpgsql security definer as
      'begin insert into public.outbox_ever values (new.payload); return new; end';
    create trigger keep after insert on platform.outbox for each row execute function public.keep_outbox()`);
  return async () => {
    const { rows } = await query<{ payload: string }>('select payload from public.outbox_ever');
    return rows.map(({ payload }) => payload);
  };
}

/** Returns the successful responses of concurrent requests with one key; each other one must be refused with Retry-After. */
export function answeredOnce(answers: readonly Answer[], status: number): readonly Answer[] {
  const hasData = ({ status: of, body, headers }: Answer) =>
    of === 409 && body.code === 'IDEMPOTENCY_KEY_IN_USE' && Number(headers.get('retry-after')) >= 1;
  const wrong = answers.filter((answer) => answer.status !== status && !hasData(answer));
  if (wrong.length > 0)
    throw new Error(`neither ${status} nor 409 with Retry-After: ${wrong[0]?.status} ${wrong[0]?.text}`);
  const done = answers.filter((answer) => answer.status === status);
  if (done.length === 0) throw new Error('no request was carried out');
  return done;
}

/** Has a part of the server under test several processes, each with a memory of its own? */
export const hasSeveralProcesses = given?.hasSeveralProcesses === true;

/**
 * Returns the response of `ask` after a change. One process knows its own change at once, so it is asked once. Of several another one may refuse from memory for a second
 * (docs/adr/0003) and knows of a session or role that ended a few seconds later, so they are asked until the response is the expected one; the test's timeout ends it
 * otherwise.
 */
export async function afterChange<Response>(
  ask: () => Promise<Response>,
  isExpected: (response: Response) => boolean,
): Promise<Response> {
  for (;;) {
    const response = await ask();
    if (!hasSeveralProcesses || isExpected(response)) return response;
    await sleep(100);
  }
}

/** Repeats what hashes a password while the node hashes too many: a busy machine refuses sign-ups and log-ins with 503. */
export async function untilHashed(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    await sleep(200);
  }
}

/** Polls until `isDone`; the test's timeout ends it otherwise. */
export async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await sleep(50);
}
