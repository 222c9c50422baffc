import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Logger } from 'pino';
import { banner, type Started } from '../../app/banner.ts';
import { type Config, readSettings, type Settings } from '../../app/config.ts';
import { drain } from '../../app/drain.ts';
import { keepAdminPassword } from '../../app/local/admin-password.ts';
import { holdDataDir, usesDataDir } from '../../app/local/data-dir.ts';
import { openEmbedded, openExisting } from '../../app/local/open-postgres.ts';
import { removePidFile, writePidFile } from '../../app/local/pid-file.ts';
import { loadSecrets, type Secrets } from '../../app/local/secrets.ts';
import { migrationFolders } from '../../app/migrations.ts';
import type { Target } from '../../app/parts.ts';
import { shutdownDelayOf, startServer } from '../../app/server.ts';
import { startService } from '../../app/service.ts';
import { stopSignal } from '../../app/stop-signal.ts';
import { settingsFor } from '../../app/target-settings.ts';
import { readTarget } from '../../app/targets.ts';
import { startWorkers } from '../../app/workers/primary.ts';
import { runWorker } from '../../app/workers/worker.ts';
import { webhookKey } from '../../platform/http/webhook-signature.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { assertContextsHere } from '../../platform/postgres/context-moves.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { createLogger } from '../../platform/telemetry/logger.ts';

export interface ServeOptions {
  /** all, or parts separated by commas. */
  readonly target: string;
  /** A number, or auto: one for each core. Undefined: as WORKERS has it. */
  readonly workers?: string;
}

/** Serves until SIGINT or SIGTERM, or until PostgreSQL does not come back. */
export async function run(options: ServeOptions): Promise<number> {
  const target = readTarget(options.target);
  const workers = options.workers === undefined ? {} : { WORKERS: options.workers };
  const settings = settingsFor(target, readSettings({ ...process.env, ...workers }));
  if (cluster.isWorker) return await runWorker(target, settings);
  const stop = stopSignal();
  const undo: (() => Promise<void> | void)[] = [];
  try {
    const failure = await serve(target, settings, stop, undo);
    return failure === undefined ? 0 : 1;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

type Undo = (() => Promise<void> | void)[];

/** Starts one part after the other, and adds to `undo` how to stop each. Returns the error that ended it; undefined after a signal. */
async function serve(
  target: Target,
  settings: Settings,
  stop: ReturnType<typeof stopSignal>,
  undo: Undo,
): Promise<Error | undefined> {
  const startedMs = performance.now();
  const log = createLogger(settings.logLevel);
  const lost = Promise.withResolvers<Error>();
  const watcher = {
    onEvent: (message: string) => log.warn(message),
    onFatal: (error: Error) => {
      log.fatal(error, 'PostgreSQL could not be restarted');
      lost.resolve(error);
    },
  };

  const keepsData = usesDataDir(settings, target);
  if (keepsData) {
    const lock = holdDataDir(settings.dataDir);
    undo.push(() => lock.release());
  }
  await assertFree('PORT', settings.port, settings.host);
  if (settings.metricsPort !== undefined) await assertFree('METRICS_PORT', settings.metricsPort, settings.host);
  if (!target.isComplete) {
    await assertFree('GRPC_PORT', settings.services.grpcPort, settings.services.grpcHost);
  }
  if (stop.requested()) return undefined;

  const secrets = keepsData ? loadSecrets(settings.dataDir, settings.jwtSecrets) : undefined;
  const given = secrets?.jwtSecrets ?? settings.jwtSecrets;
  // A process without one neither signs nor checks access tokens (target-problems.ts). No process accepts what is signed with this one.
  const jwtSecrets = given.length > 0 ? given : [randomBytes(32).toString('base64url')];
  const postgres =
    settings.databaseUrl === undefined && secrets !== undefined
      ? await openEmbedded(settings.dataDir, secrets, { ...watcher, processes: settings.workers })
      : await openExisting({ ...settings, databaseUrl: settings.databaseUrl ?? '' });
  undo.push(() => postgres.stop());
  if (stop.requested()) return undefined;

  const { migrations } = postgres;
  if (migrations) await migrate(migrations.url, migrationFolders(target), migrations.login);
  else await assertPartsHere(postgres.url, target);
  const webhookKeys = webhookKeysOf(settings, secrets);
  const config = { ...settings, target, databaseUrl: postgres.url, jwtSecrets, webhookKeys };
  const mayShowSecrets = process.stdout.isTTY === true && !settings.production;
  const server = await startServing(config, { target, log, mayShowSecrets, onCrash: lost.resolve });
  // What has not drained in time loses its connections with the embedded PostgreSQL, which is no failure of either.
  undo.push(() => {
    log.level = 'fatal';
  });
  undo.push(() => server.stop());
  if (keepsData) {
    const { pid } = process;
    const started = new Date().toISOString();
    const kafka = settings.kafka && { brokers: settings.kafka.brokers.join(','), topicPrefix: settings.kafka.prefix };
    writePidFile(settings.dataDir, {
      pid,
      url: server.url,
      databaseUrl: postgres.publicUrl,
      ...(kafka === undefined ? {} : { kafka }),
      migrations,
      started,
    });
    undo.push(() => removePidFile(settings.dataDir));
  }
  process.stdout.write(
    banner({ server, target, settings, postgres, tookMs: performance.now() - startedMs, mayShowSecrets }),
  );
  return Promise.race([stop.received, lost.promise]);
}

interface Serving {
  readonly target: Target;
  readonly log: Logger;
  readonly mayShowSecrets: boolean;
  readonly onCrash: (error: Error) => void;
}

/** Serves in this process, or in workers. `stop` announces the stop and drains. */
async function startServing(
  config: Config,
  { target, log, mayShowSecrets, onCrash }: Serving,
): Promise<Started['server'] & { stop(): Promise<void> }> {
  const { workers: count, port, metricsPort, databaseUrl, jwtSecrets, webhookKeys, dataDir } = config;
  if (count > 1) {
    const shutdownDelayMs = shutdownDelayOf(config);
    const start = { port, metricsPort, databaseUrl, jwtSecrets, webhookKeys, mayShowSecrets };
    const workers = await startWorkers({ count, shutdownDelayMs, log, ...start });
    void workers.crashed.then((error) => {
      log.fatal(error, 'the workers could not be kept running');
      onCrash(error);
    });
    return workers;
  }
  const start = target.parts.has('gateway') ? startServer : startService;
  const server = await start(config, {
    log,
    ...(mayShowSecrets ? {} : { keepPassword: (password: string) => keepAdminPassword(dataDir, password) }),
  });
  return { ...server, stop: () => drain(server) };
}

/** A process that migrates checks this itself. One whose tables are migrated with another login checks it here. @throws StartError */
async function assertPartsHere(url: string, { parts }: Target): Promise<void> {
  const client = await openSession(url, { name: 'stampede-start' });
  await assertContextsHere(client, [...parts]).finally(() => client.end());
}

/** Without any, no webhook is taken. */
function webhookKeysOf({ webhookKeys }: Settings, secrets: Secrets | undefined): readonly Buffer[] {
  const generated = secrets && webhookKey(secrets.webhookSecret);
  return webhookKeys.length > 0 || generated === undefined ? webhookKeys : [generated];
}

type PortVariable = 'PORT' | 'METRICS_PORT' | 'GRPC_PORT';

/** Before PostgreSQL is started for nothing. */
async function assertFree(variable: PortVariable, port: number, host: string): Promise<void> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, variable, host, port);
  }
  probe.close();
  await once(probe, 'close');
}

function listenError(error: NodeJS.ErrnoException, variable: PortVariable, host: string, port: number): StartError {
  const advice: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is in use. Stop what listens there, or set ${variable} to a free one.`,
    EACCES: `Port ${port} needs more rights than this user has. Set ${variable} to one from 1024 to 65535.`,
  };
  const message =
    advice[error.code ?? ''] ?? `HOST=${host} is no address of this machine (${error.code}). Set HOST=127.0.0.1.`;
  return new StartError(message, { cause: error });
}
