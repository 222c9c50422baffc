import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { chooseAccount } from './embedded/account.ts';
import { accepts, ensureApplicationDatabase, type Login } from './embedded/application-database.ts';
import { findBinaries } from './embedded/binaries.ts';
import { ensureCluster, giveTo, SUPERUSER } from './embedded/cluster.ts';
import { freePort } from './embedded/free-port.ts';
import { choosePlace } from './embedded/place.ts';
import { type Listening, postgresSettings } from './embedded/settings.ts';
import { supervise, type Watcher } from './embedded/supervisor.ts';

export interface EmbeddedPasswords {
  readonly superuser: string;
  /** Of the login that owns the schemas. */
  readonly application: string;
  /** Of the login that the program works with. */
  readonly program: string;
}

export interface EmbeddedOptions extends Watcher {
  /** Exists, is writable, and its lock is held: one server a data directory. */
  readonly dataDir: string;
  readonly passwords: EmbeddedPasswords;
  /** Processes that share the work of one server. Default 1. */
  readonly processes?: number;
  /** Over those of settings.ts. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** As the owner of the schemas, for migrations: 127.0.0.1. */
  readonly url: string;
  /** What the program works with: a role that owns nothing. */
  readonly program: {
    readonly login: string;
    /** For this process: through the Unix socket, which is faster than TCP. */
    readonly socketUrl: string;
    /** For others on this machine: 127.0.0.1. */
    readonly url: string;
  };
  pid(): number | undefined;
  /** Within 5 s. */
  stop(): Promise<void>;
}

const APPLICATION = 'stampede';
const PROGRAM = 'stampede_program';
const SOCKET_DIR_PREFIX = '/tmp/stampede-';
const SOCKET_DIR = /^\/tmp\/stampede-\w{6}$/;
const LOG_MAX_BYTES = 10 * 1024 * 1024;

/**
 * Starts a real PostgreSQL of its own in the data directory: creates the cluster the first time, recovers what a killed
 * server left, and keeps PostgreSQL running until `stop`.
 * @throws StartError for a reason that the operator can fix
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const place = choosePlace(options.dataDir, chooseAccount(join(options.dataDir, 'postgres')), findBinaries());
  await ensureCluster(place, options.passwords.superuser);
  const abandoned = abandonedSocketDir(place.cluster);

  // A Unix socket's path is limited to about 100 bytes; the data directory's may be longer.
  const socketDir = mkdtempSync(SOCKET_DIR_PREFIX);
  chmodSync(socketDir, 0o700);
  giveTo(place, socketDir);
  const listening = { socketDir, port: await freePort() };
  const clusterName = `stampede-${createHash('sha256').update(place.cluster).digest('hex').slice(0, 8)}`;
  const logFile = join(options.dataDir, 'postgres.log');
  keepSmall(logFile);

  const superuserUrl = socketUrl(listening, {
    user: SUPERUSER,
    password: options.passwords.superuser,
    database: SUPERUSER,
  });
  const owner = { user: APPLICATION, password: options.passwords.application, database: APPLICATION };
  const program = { user: PROGRAM, password: options.passwords.program, database: APPLICATION };
  try {
    const settings = { ...postgresSettings(listening, clusterName, options.processes), ...options.settings };
    const isReady = () => accepts(superuserUrl);
    const postgres = await supervise({ place, settings, logFile, isReady }, clusterName, options);
    if (abandoned !== undefined) rmSync(abandoned, { recursive: true, force: true });
    await ensureApplicationDatabase(superuserUrl, { owner, program }).catch(async (error: unknown) => {
      await postgres.stop();
      throw error;
    });
    return {
      url: tcpUrl(listening, owner),
      program: { login: PROGRAM, socketUrl: socketUrl(listening, program), url: tcpUrl(listening, program) },
      pid: postgres.pid,
      async stop() {
        await postgres.stop();
        rmSync(socketDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(socketDir, { recursive: true, force: true });
    throw error;
  }
}

function socketUrl({ socketDir, port }: Listening, login: Login): string {
  const query = new URLSearchParams({
    host: socketDir,
    port: String(port),
    user: login.user,
    password: login.password,
  });
  return `postgres:///${login.database}?${query}`;
}

const tcpUrl = ({ port }: Listening, { user, password, database }: Login): string =>
  `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;

/** The socket directory of a PostgreSQL that was killed: the fifth line of the postmaster.pid that it left. */
function abandonedSocketDir(cluster: string): string | undefined {
  const pidFile = join(cluster, 'postmaster.pid');
  const line = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n')[4] : undefined;
  return line !== undefined && SOCKET_DIR.test(line) ? line : undefined;
}

/** Truncates the log when it has grown large. */
function keepSmall(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_MAX_BYTES) truncateSync(logFile);
}
