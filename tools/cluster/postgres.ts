import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import pg from 'pg';
import type { Databases } from '../../src/app/databases.ts';
import type { Secrets } from '../../src/app/local/secrets.ts';
import { PARTS } from '../../src/app/parts.ts';
import { SHARDED } from '../../src/app/variables/shard-variables.ts';
import { StartError } from '../../src/platform/kernel/start-error.ts';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import type { Guard } from './guard.ts';
import type { Wiring } from './plan.ts';

/** Ten processes with about 30 connections each at most, and those of commands. */
const CONNECTIONS = '500';

export interface ClusterDatabases {
  /** For people, without the password. */
  readonly shown: string;
  /** Of the login that the program works with. */
  readonly databases: Databases;
  /** Of the owner, where that is another login. */
  readonly migrations: Databases | undefined;
  /** Of the postmaster. Undefined: it does not run, or is not the cluster's own. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  readonly directory: string;
  readonly secrets: Secrets;
  /** DATABASE_URL: a server that is there. Undefined: one of the cluster's own. */
  readonly url: string | undefined;
  /** Of coupon and of point. */
  readonly shards: number;
  /** Are the databases removed at the end? */
  readonly isTemporary: boolean;
  readonly guard: Guard;
  readonly wire: Wiring;
  readonly onEvent: (message: string) => void;
}

/** A database for each part, on one server. @throws StartError */
export const openDatabases = (options: PostgresOptions): Promise<ClusterDatabases> =>
  options.url === undefined ? openOwn(options) : openGiven(options.url, options);

async function openOwn({
  directory,
  secrets,
  shards,
  guard,
  wire,
  onEvent,
}: PostgresOptions): Promise<ClusterDatabases> {
  mkdirSync(directory, { recursive: true });
  let guarded: number | undefined;
  const watch = () => {
    if (guarded !== undefined) guard.forget(guarded);
    guarded = postgres.pid();
    // Its fast shutdown, which does not wait for clients.
    if (guarded !== undefined) guard.watch(guarded, 'INT');
  };
  const postgres = await startEmbedded({
    dataDir: directory,
    passwords: secrets.postgres,
    settings: { max_connections: CONNECTIONS },
    onEvent(message) {
      watch();
      onEvent(message);
    },
    onFatal: (error) => onEvent(`PostgreSQL cannot be started again: ${error.message}`),
  });
  watch();
  const socketDir = new URL(postgres.program.socketUrl).searchParams.get('host');
  if (socketDir !== null) guard.removeAfter(socketDir);
  const nameOf = (part: string) => `stampede_${part}`;
  await createMissing(postgres.url, namesOf('stampede', shards));
  const port = await wire('postgres', Number(new URL(postgres.url).port));
  const urlOf = (login: string, part: string) => withDatabase(withPort(login, port), nameOf(part));
  return {
    shown: `${withoutLogin(postgres.url)}, databases stampede_coupon and so on`,
    databases: byPart((part) => urlOf(postgres.program.url, part)),
    migrations: byPart((part) => urlOf(postgres.url, part)),
    pid: () => postgres.pid(),
    async stop() {
      if (guarded !== undefined) guard.forget(guarded);
      await postgres.stop();
    },
  };
}

async function openGiven(url: string, { shards, isTemporary }: PostgresOptions): Promise<ClusterDatabases> {
  const prefix = isTemporary ? `stampede_${randomBytes(4).toString('hex')}` : 'stampede';
  const names = namesOf(prefix, shards);
  await createMissing(url, names).catch((error: Error) => {
    throw new StartError(
      `DATABASE_URL: ${error.message}. Set it to a server whose login may create databases, or leave it out.`,
      { cause: error },
    );
  });
  return {
    shown: `${withoutLogin(url)}, databases ${prefix}_coupon and so on`,
    databases: byPart((part) => withDatabase(url, `${prefix}_${part}`)),
    migrations: undefined,
    pid: () => undefined,
    async stop() {
      if (!isTemporary) return;
      await asClient(url, async (client) => {
        for (const name of names)
          await client.query(`drop database if exists ${client.escapeIdentifier(name)} (force)`);
      });
    },
  };
}

/** The names of the databases: one for each part, and one for each further shard (see urlOfShard). */
function namesOf(prefix: string, shards: number): readonly string[] {
  const further = SHARDED.flatMap((name) => Array.from({ length: shards - 1 }, (_, index) => `${name}_${index + 1}`));
  return [...PARTS, ...further].map((name) => `${prefix}_${name}`);
}

const createMissing = (url: string, names: readonly string[]): Promise<void> =>
  asClient(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const existing = new Set(rows.map(({ datname }) => datname));
    for (const name of names) {
      if (!existing.has(name)) await client.query(`create database ${client.escapeIdentifier(name)}`);
    }
  });

async function asClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

const byPart = (urlOf: (part: string) => string): Databases =>
  Object.fromEntries(PARTS.map((part) => [part, urlOf(part)])) as unknown as Databases;

function withDatabase(text: string, name: string): string {
  const url = new URL(text);
  url.pathname = `/${name}`;
  return url.href;
}

function withPort(text: string, port: number): string {
  const url = new URL(text);
  url.port = String(port);
  return url.href;
}

function withoutLogin(text: string): string {
  const { host } = new URL(text);
  return `postgres://${host}`;
}
