import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { CONTEXT_NAMES, type ContextName, PARTS, type Part } from '../../src/app/parts.ts';
import { principalKey, publicKeyText } from '../../src/platform/grpc/principal-tokens.ts';
import { accessTokens, type Role, validFor } from '../../src/platform/http/access-token.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { dropDatabase, execute, withDatabaseName } from './postgres-admin.ts';

const PROGRAM = resolve('bin/stampede.js');
const START_MS = 110_000;
const SECRET = 'a secret that every process of the test shares';

export interface PartProcess {
  readonly url: string;
  /** host:port at which its contexts are called. */
  readonly grpcAddress: string;
  readonly databaseUrl: string;
  output(): string;
  /** Sends the signal. */
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface ServiceProcesses {
  readonly gateway: PartProcess;
  readonly databaseUrls: Readonly<Record<Part, string>>;
  service(name: ContextName): PartProcess;
  /** Starts a part again, on the same port and database. */
  restart(name: Part): Promise<void>;
  /** Starts one more process of a service, on ports of its own and the same database. */
  startAnother(name: ContextName, changes?: Readonly<Record<string, string>>): Promise<PartProcess>;
  /** The service works with this database from its next start on. */
  relocate(name: ContextName, databaseUrl: string): void;
  /** The variables of Kafka. */
  readonly events: Readonly<Record<string, string>>;
  /** Of the gateway. */
  readonly jwtSecret: string;
  token(userId: string, role?: Role): string;
  close(): Promise<void>;
}

/**
 * The gateway and every context as processes of their own, each with a database of its own, once all are ready.
 * @param shared the URL of a database that all of them use instead; the caller drops it
 */
export async function startServices(
  brokers: string,
  changes: Readonly<Record<string, string>> = {},
  programs: Readonly<Partial<Record<Part, string>>> = {},
  changesOf: (part: Part) => Readonly<Record<string, string>> = () => ({}),
  shared?: string,
): Promise<ServiceProcesses> {
  const run = randomBytes(4).toString('hex');
  const server = inject('postgresUrl');
  const ports = new Map<Part, { readonly http: number; readonly grpc: number }>();
  const databaseUrls = {} as Record<Part, string>;
  for (const part of PARTS) {
    ports.set(part, { http: await freePort(), grpc: await freePort() });
    if (shared === undefined) await execute(server, `create database split_${part}_${run}`);
    databaseUrls[part] = shared ?? withDatabaseName(server, `split_${part}_${run}`);
  }
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_PREFIX: `split-${run}.`,
    KAFKA_PARTITIONS: '3',
    SERVICE_SECRET: 'another secret that every process of the test shares',
    REDEMPTION_SECRET: 'the secret of the redemption codes of the test',
    WEBHOOK_ENCRYPTION_SECRET: 'the secret of the webhooks of the test',
    PAYMENT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 5).toString('base64')}`,
    STAMPEDE_SANDBOX_PAYMENTS: 'twice',
    STAMPEDE_RATE_LIMIT: 'off',
    STAMPEDE_ADMIN_PASSWORD: 'correct horse battery',
    LOG_LEVEL: 'warn',
    GATEWAY_URL: `http://127.0.0.1:${ports.get('gateway')?.http}`,
    ...changes,
  };
  for (const part of PARTS) {
    env[`${part.toUpperCase()}_DATABASE_URL`] = databaseUrls[part];
    if (part !== 'gateway' && changes['ETCD_ENDPOINTS'] === undefined)
      env[`${part.toUpperCase()}_ADDRESS`] = `127.0.0.1:${ports.get(part)?.grpc}`;
  }
  const running = new Map<Part, PartProcess>();
  const more: PartProcess[] = [];
  const start = async (part: Part): Promise<void> => {
    const { http = 0, grpc = 0 } = ports.get(part) ?? {};
    const own = { ...env, ...secretOf(part), PORT: String(http), GRPC_PORT: String(grpc), ...changesOf(part) };
    running.set(
      part,
      await startPart(part, own, http, { databaseUrl: databaseUrls[part], program: programs[part] ?? PROGRAM }),
    );
  };
  const close = async (): Promise<void> => {
    await Promise.all([...running.values(), ...more].map((part) => part.end('SIGTERM')));
    if (shared !== undefined) return;
    for (const part of PARTS) await dropDatabase(server, `split_${part}_${run}`);
  };
  try {
    // All of them: a part that is still starting when another one has failed would be left behind.
    const outcomes = await Promise.allSettled(CONTEXT_NAMES.map(start));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    await start('gateway');
  } catch (error) {
    await close();
    throw error;
  }
  const tokens = accessTokens(SECRET, Date.now);
  const of = (part: Part): PartProcess => {
    const found = running.get(part);
    if (found === undefined) throw new Error(`${part} does not run`);
    return found;
  };
  return {
    get gateway() {
      return of('gateway');
    },
    databaseUrls,
    events: { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: env['KAFKA_TOPIC_PREFIX'] ?? '' },
    service: of,
    restart: start,
    async startAnother(name, others = {}) {
      const [http, grpc] = [await freePort(), await freePort()];
      const own = {
        ...env,
        ...secretOf(name),
        PORT: String(http),
        GRPC_PORT: String(grpc),
        ...changesOf(name),
        ...others,
      };
      const another = await startPart(name, own, http, {
        databaseUrl: databaseUrls[name],
        program: programs[name] ?? PROGRAM,
      });
      more.push(another);
      return another;
    },
    relocate(name, databaseUrl) {
      databaseUrls[name] = databaseUrl;
      env[`${name.toUpperCase()}_DATABASE_URL`] = databaseUrl;
    },
    jwtSecret: SECRET,
    token: (userId, role = 'CUSTOMER') => tokens.sign({ sub: userId, role, ...validFor(900, Date.now()) }),
    close,
  };
}

/** Only the gateway and identity sign and check access tokens. */
const PAYMENT_EVENT_KEYS = `stampede:${Buffer.alloc(32, 6).toString('base64')}`;

const secretOf = (part: Part): Readonly<Record<string, string>> => ({
  ...(part === 'gateway' || part === 'identity'
    ? { JWT_SECRET: SECRET }
    : { GATEWAY_PUBLIC_KEY: publicKeyText(principalKey(SECRET)) }),
  ...(part === 'order' || part === 'coupon' ? { PAYMENT_EVENT_KEYS } : {}),
});

async function startPart(
  part: Part,
  env: Readonly<Record<string, string>>,
  port: number,
  { databaseUrl, program }: { readonly databaseUrl: string; readonly program: string },
): Promise<PartProcess> {
  const child: ChildProcess = spawn(process.execPath, [program, 'serve', '--target', part], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const untilMs = performance.now() + START_MS;
  while (child.exitCode === null && performance.now() < untilMs) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    if (response?.ok) {
      return {
        url,
        grpcAddress: `127.0.0.1:${env['GRPC_PORT']}`,
        databaseUrl,
        output: () => output,
        signal: (signal) => void child.kill(signal),
        async end(signal) {
          child.kill(signal);
          await exited;
        },
      };
    }
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error(`${part} did not start:\n${output}`);
}
