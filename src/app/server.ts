import type { Logger } from 'pino';
import type { CodeLimitSettings } from '../gateway/code-limits.ts';
import type { Patience } from '../gateway/fastify.ts';
import type { LimitSettings } from '../gateway/limits.ts';
import type { RouteTable } from '../gateway/route-table.ts';
import type { AccessTokens } from '../platform/http/access-token.ts';
import type { Clock } from '../platform/kernel/clock.ts';
import type { Scheduler } from '../platform/scheduling/scheduler.ts';
import { createLogger } from '../platform/telemetry/logger.ts';
import { compose } from './compose.ts';
import type { Config } from './config.ts';
import { openHttp } from './http.ts';

/** What tests and benches set otherwise. */
export interface Overrides {
  /** The wall clock of this node. */
  readonly clock?: Clock;
  /** Time travel: what is taken for the present at a moment of the database's clock. */
  readonly presentAt?: (databaseMs: number) => number;
  readonly log?: Logger;
  readonly limits?: LimitSettings;
  readonly codeLimits?: CodeLimitSettings;
  readonly patience?: Patience;
  /** Commands a group of any lane at most. */
  readonly groupMax?: number;
}

export interface Server {
  readonly url: string;
  /** The admin account; the password only when it was generated just now. */
  readonly admin: { readonly email: string; readonly generatedPassword?: string };
  /** Signs what this server accepts: for tests and for the rush. */
  readonly tokens: AccessTokens;
  readonly routes: RouteTable;
  /** Runs every scheduled job now. Answers how much each did. */
  readonly runJobs: Scheduler['runAll'];
  /** Not ready, no new connections, requests in flight answered, lanes flushed, closed. */
  stop(): Promise<void>;
}

/** Builds the whole system over a migrated database and listens. Throws what a port or a database that is not there throws. */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const { clock, presentAt, limits, codeLimits, patience, groupMax } = overrides;
  let url = '';
  const composed = await compose(config, {
    ownUrl: () => url,
    log: overrides.log ?? createLogger(config.logLevel),
    ...(clock === undefined ? {} : { clock }),
    ...(presentAt === undefined ? {} : { presentAt }),
    ...(groupMax === undefined ? {} : { groupMax }),
  });
  try {
    const made = await composed.contexts.ensureAdmin({
      email: config.adminEmail,
      ...(config.adminPassword === undefined ? {} : { password: config.adminPassword }),
    });
    const http = await openHttp(config, composed, {
      ...(limits === undefined ? {} : { limits }),
      ...(codeLimits === undefined ? {} : { codeLimits }),
      ...(patience === undefined ? {} : { patience }),
    });
    url = http.localUrl;
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      http.drain();
      await Promise.all([http.close(), composed.scheduler.stop()]);
      await composed.stop();
    };
    composed.scheduler.start();
    return {
      url: http.url,
      admin: made,
      tokens: composed.tokens,
      routes: http.routes,
      runJobs: () => composed.scheduler.runAll(),
      stop() {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await composed.stop();
    throw error;
  }
}
