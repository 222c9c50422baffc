import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { ConnectionTimeouts } from '../gateway/server/fastify.ts';
import type { RouteTable } from '../gateway/server/route-table.ts';
import type { GrpcServer } from '../platform/grpc/serve.ts';
import type { AccessTokens } from '../platform/http/access-token.ts';
import type { Clock } from '../platform/kernel/clock.ts';
import type { Scheduler } from '../platform/scheduling/scheduler.ts';
import { createLogger } from '../platform/telemetry/logger.ts';
import type { MetricsSource } from '../platform/telemetry/metrics-source.ts';
import { type Composed, compose } from './compose.ts';
import type { Config } from './config.ts';
import { openHttp } from './http.ts';

/** What workers, tests and benches set otherwise. */
export interface Overrides {
  /** The wall clock of this node. */
  readonly clock?: Clock;
  /** Time travel: maps the database's time to the present. */
  readonly presentAt?: (databaseMs: number) => number;
  readonly log?: Logger;
  readonly timeouts?: ConnectionTimeouts;
  /** Commands a batch of any batcher at most. */
  readonly batchMax?: number;
  /** Keeps a generated password of the administrator before the account is created, and returns how to forget it. */
  readonly keepPassword?: (password: string) => () => void;
  /** False: another process creates the administrator. */
  readonly preparesAccounts?: boolean;
  /** Gets the metrics of this process, and returns what /metrics serves. Default: the same. */
  readonly exposeMetrics?: (own: Registry) => MetricsSource;
}

/** Calls of other services may take this long at a stop. */
export const GRPC_STOP_MS = 2_000;

export interface Server {
  readonly url: string;
  /** Where Prometheus reads. */
  readonly metricsUrl: string;
  /** The admin account; the password only when it was generated just now. Undefined: another process has the accounts. */
  readonly admin: { readonly email: string; readonly generatedPassword?: string } | undefined;
  /** Signs what this server accepts: for tests and for the rush. */
  readonly tokens: AccessTokens;
  readonly routes: RouteTable;
  /** Undefined: no context is served to other processes. */
  readonly grpcPort: number | undefined;
  /** Runs every scheduled task now. Returns how many things each processed. */
  readonly runJobs: Scheduler['runAll'];
  /**
   * Announces the stop: not ready, and off the list of instances. Serves as before until SHUTDOWN_DELAY_MS have passed, so that those who send
   * requests know it before the first one would fail. Without it `stop` is at once.
   */
  leave(): Promise<void>;
  /** Stops: not ready, no new connections, wait for requests in flight, drain the batchers, close. */
  stop(): Promise<void>;
}

/** Clients learn from etcd at once, from a health check at its next run. A process that hosts everything has none. */
const SHUTDOWN_DELAY_MS = 1_000;

export const shutdownDelayOf = ({ services, target }: Config): number =>
  services.shutdownDelayMs ?? (target === undefined || target.isComplete ? 0 : SHUTDOWN_DELAY_MS);

/** Creates the administrator where the accounts are. */
export async function prepareAccounts(
  config: Config,
  { contexts, log }: Composed,
  keepPassword: Overrides['keepPassword'],
) {
  const { identity } = contexts.modules;
  if (identity === undefined) return undefined;
  const admin = await identity.ensureAdmin({
    email: config.adminEmail,
    ...(config.adminPassword === undefined ? {} : { password: config.adminPassword }),
    ...(keepPassword === undefined ? {} : { keepPassword }),
  });
  for (const key of await identity.findUnknownScopes()) {
    log.warn(key, 'an API key lists names that are not scopes; they allow nothing');
  }
  return admin;
}

/** Builds the whole system over a migrated database, and listens. Throws when the port or the database is not available. */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const { clock, presentAt, timeouts, batchMax, keepPassword, preparesAccounts = true } = overrides;
  let url = '';
  const composed = await compose(config, {
    ownUrl: () => url,
    log: overrides.log ?? createLogger(config.logLevel),
    ...(clock === undefined ? {} : { clock }),
    ...(presentAt === undefined ? {} : { presentAt }),
    ...(batchMax === undefined ? {} : { batchMax }),
  });
  let grpc: GrpcServer | undefined;
  try {
    const admin = preparesAccounts ? await prepareAccounts(config, composed, keepPassword) : undefined;
    grpc = await composed.serveContexts?.();
    const http = await openHttp(config, composed, {
      exposed: overrides.exposeMetrics?.(composed.metrics) ?? composed.metrics,
      ...(timeouts === undefined ? {} : { timeouts }),
    });
    url = http.localUrl;
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      http.drain();
      await Promise.all([http.close(), grpc?.stop(GRPC_STOP_MS), composed.scheduler.stop()]);
      await composed.stop();
    };
    composed.scheduler.start();
    return {
      url: http.url,
      metricsUrl: http.metricsUrl,
      admin,
      grpcPort: grpc?.port,
      tokens: composed.tokens,
      routes: http.routes,
      runJobs: () => composed.scheduler.runAll(),
      async leave() {
        http.leave();
        await grpc?.leave();
        await sleep(shutdownDelayOf(config));
      },
      stop() {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await grpc?.stop(GRPC_STOP_MS);
    await composed.stop();
    throw error;
  }
}
