import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { inject } from 'vitest';
import { type Config, readSettings } from '../../src/app/config.ts';
import { type Overrides, type Server, startServer } from '../../src/app/server.ts';
import { type Role, validFor } from '../../src/platform/http/access-token.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { requireListed } from '../support/listed-problems.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

export const SECRET = 'attack-tests-attack-tests-attack-tests';
export const WEBHOOK_KEY = Buffer.alloc(32, 'attack');
export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };
const LIFE_SECONDS = 900;

/** The limits by default. */
export const { limits: LIMITS } = readSettings({});

export interface Stage {
  /** The base URL of the server. */
  readonly url: string;
  readonly server: Server;
  readonly database: TestDatabase;
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
  corsOrigins: [],
  trustProxy: undefined,
  publicUrl: undefined,
  dataDir: '/nonexistent',
  files: { kind: 'DIRECTORY', directory: inject('filesDirectory') },
  filesUrl: undefined,
  databaseUrl,
  migrationDatabaseUrl: undefined,
  services: {
    grpcPort: 0,
    grpcHost: '127.0.0.1',
    tls: undefined,
    gatewayUrl: undefined,
    databaseUrls: {},
    addresses: {},
  },
  kafka: undefined,
  jwtSecret: SECRET,
  redemptionSecrets: [],
  adminEmail: ADMIN.email,
  adminPassword: ADMIN.password,
  rateLimit: false,
  limits: LIMITS,
  reservationMinutes: 10,
  pointBalanceMax: 1_000_000n,
  pointEarnRateBp: 0n,
  pointEarnDelayDays: 7,
  paymentProvider: 'sandbox',
  mail: undefined,
  sandboxPayments: { kind: 'PAGE' },
  webhookKeys: [WEBHOOK_KEY],
  logLevel: 'silent',
  production: false,
  sandbox: false,
  ...changes,
});

/** A real server on a database of its own. Rate limits are off unless `changes` turn them on. */
export async function stage(changes: Partial<Config> = {}, overrides: Overrides = {}): Promise<Stage> {
  const database = await testDatabase();
  const server = await startServer(configOf(database.programUrl, changes), overrides);
  const now = () => overrides.presentAt?.(Date.now()) ?? Date.now();
  return {
    url: server.url,
    server,
    database,
    token(userId, role = 'CUSTOMER', scope) {
      return server.tokens.sign({
        sub: userId,
        role,
        ...validFor(LIFE_SECONDS, now()),
        ...(scope === undefined ? {} : { scope }),
      });
    },
    call: (method, path, options) => call(server.url, method, path, options),
    async stop() {
      await server.stop();
      await database.drop();
    },
  };
}

/** Sends a request. Throws when the response is a problem that the route does not list. */
export async function call(base: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const text = options.text ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
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
export const policyBody = (changes: Readonly<Record<string, unknown>> = {}) => ({
  name: 'Opening day',
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  distributionType: 'FIRST_COME',
  maxIssueCount: 100,
  validDays: 30,
  validFrom: new Date(Date.now() - DAY_MS).toISOString(),
  validUntil: new Date(Date.now() + DAY_MS).toISOString(),
  ...changes,
});

/** Creates an ACTIVE policy. Returns its id. */
export async function openPolicy(on: Stage, changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const admin = on.token('1', 'ADMIN');
  const created = await on.call('POST', '/api/v1/coupon-policies', { token: admin, json: policyBody(changes) });
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
export async function keepEvents(pool: pg.Pool): Promise<() => Promise<readonly string[]>> {
  await pool.query(`
    create table public.outbox_ever (payload text);
    create function public.keep_outbox() returns trigger language plpgsql security definer as
      'begin insert into public.outbox_ever values (new.payload); return new; end';
    create trigger keep after insert on platform.outbox for each row execute function public.keep_outbox()`);
  return async () => {
    const { rows } = await pool.query<{ payload: string }>('select payload from public.outbox_ever');
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

/** Polls until `isDone`; the test's timeout ends it otherwise. */
export async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await sleep(50);
}
