import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import manifest from '../../package.json' with { type: 'json' };
import { serveApiDocs } from '../gateway/api-docs/api-docs.ts';
import { auditLines } from '../gateway/audit/audit.ts';
import { earlierKeys as openEarlierKeys } from '../gateway/idempotency/earlier-keys.ts';
import { keysInFlight as openKeysInFlight } from '../gateway/idempotency/keys-in-flight.ts';
import { trustOf } from '../gateway/limits/client-address.ts';
import { openApiDocument } from '../gateway/openapi/openapi.ts';
import { allRoutes } from '../gateway/routes/routes.ts';
import { type ConnectionTimeouts, createFastify, DEFAULT_TIMEOUTS } from '../gateway/server/fastify.ts';
import { registerHotRoutes } from '../gateway/server/hot-route.ts';
import { notFound } from '../gateway/server/not-found.ts';
import { registerPlainRoutes } from '../gateway/server/plain-routes.ts';
import { publicReads as openPublicReads } from '../gateway/server/public-reads.ts';
import type { HotRoute, NestRoute, PlainRoute, Route } from '../gateway/server/route.ts';
import type { RouteTable } from '../gateway/server/route-table.ts';
import { observeStreams } from '../gateway/streams/stream-metrics.ts';
import { hostPort } from '../platform/kernel/host-port.ts';
import { admissionMetrics } from '../platform/telemetry/admission-metrics.ts';
import { httpMetrics, observeConnections } from '../platform/telemetry/http-metrics.ts';
import { metricsServer } from '../platform/telemetry/metrics-server.ts';
import type { MetricsSource } from '../platform/telemetry/metrics-source.ts';
import { observeReadiness } from '../platform/telemetry/readiness-metrics.ts';
import { appModule } from './app.module.ts';
import type { Composed } from './compose.ts';
import type { Config } from './config.ts';
import { EdgeAdapter } from './edge-adapter.ts';
import { openAdmission } from './http/admission.ts';
import { openCallers } from './http/callers.ts';
import { closeConnections } from './http/close-connections.ts';
import { limitsOf } from './http/limits.ts';
import { routeDeps } from './http/route-deps.ts';
import { streamsOf } from './http/streams.ts';
import { nestLogger } from './nest-logger.ts';
import { REFUSALS } from './refusals.ts';

export interface HttpOptions {
  readonly timeouts?: ConnectionTimeouts;
  /** What /metrics serves. */
  readonly exposed: MetricsSource;
}

export interface HttpEdge {
  readonly url: string;
  /** The same for programs on this machine, also where every address is listened on. */
  readonly localUrl: string;
  /** Where Prometheus reads. */
  readonly metricsUrl: string;
  readonly routes: RouteTable;
  /** Not ready from now on. Requests are served as before. */
  leave(): void;
  /** Not ready from now on; open streams end. */
  drain(): void;
  /** Stops accepting and waits for requests in flight. */
  close(): Promise<void>;
}

/** Builds the HTTP edge over the composed contexts, and listens. */
export async function openHttp(config: Config, composed: Composed, options: HttpOptions): Promise<HttpEdge> {
  const { log } = composed;
  const onError = (error: unknown, requestId?: string): void => log.error({ err: error, requestId }, 'unforeseen');
  const stored = await limitsOf(config, composed);
  const callers = await openCallers(config, composed, stored.limits);
  const keys = { earlierKeys: await openEarlierKeys(composed.database.vital, log), keysInFlight: openKeysInFlight() };
  const streams = streamsOf(config, composed);
  const { admission, refusalPacer, stop: stopAdmission } = openAdmission();
  const metrics = httpMetrics(composed.metrics);
  let draining = false;
  const isDraining = (): boolean => draining;
  const readiness = {
    isDraining,
    readinessChecks: composed.readinessChecks,
    informationalChecks: { ...composed.informationalChecks, ...callers.otherIssuers?.checks },
  };
  const { fastify, sendProblem, table } = createFastify({
    log,
    refusals: REFUSALS,
    metrics,
    timeouts: options.timeouts ?? DEFAULT_TIMEOUTS,
    isDraining,
    admission,
    onShed: admissionMetrics(composed.metrics, admission, refusalPacer),
    refusalPacer,
    trust: trustOf(config.trustProxy),
    corsOrigins: config.corsOrigins,
    passesRequestIds: !composed.target.isComplete,
  });
  const routes = allRoutes({
    ...routeDeps(config, composed, { exposed: options.exposed, stored, callers, keys, streams }),
    ...readiness,
  });
  const { hot, plain, nest } = byServer(routes);
  const { authenticate } = callers;
  const shared = {
    ...{ authenticate, externalUsers: callers.otherIssuers?.users, limits: stored.limits },
    auditOf: auditLines(composed.nextId),
  };
  registerHotRoutes(fastify, hot, { ...shared, refusals: REFUSALS, metrics, isDraining, onError });
  registerPlainRoutes(fastify, plain);

  const described = { version: manifest.version, serverUrl: config.publicUrl };
  await serveApiDocs(fastify, {
    complete: openApiDocument(routes, REFUSALS, described),
    withoutAliases: openApiDocument(routes, REFUSALS, { ...described, withoutAliases: true }),
  });

  const adapter = new EdgeAdapter(fastify as never);
  const { publicReadMaxAgeSeconds: maxAge } = config;
  const publicReads = maxAge === 0 ? undefined : openPublicReads(maxAge, composed.metrics, () => performance.now());
  const edge = appModule(nest, { ...shared, ...keys, sendProblem, publicReads });
  const app = await NestFactory.create<NestFastifyApplication>(edge, adapter, {
    bodyParser: false,
    logger: nestLogger(log),
    abortOnError: false,
  });
  fastify.setNotFoundHandler(notFound({ authenticate, sendProblem, table }));
  let ownMetrics: Awaited<ReturnType<typeof openMetricsServer>>;
  async function close(): Promise<void> {
    await closeConnections(fastify.server, () => app.close());
    stopAdmission();
    await ownMetrics?.close();
    callers.stop();
    keys.earlierKeys.stop();
  }
  try {
    await app.listen(config.port, config.host);
    ownMetrics = await openMetricsServer(config, options.exposed);
  } catch (error) {
    streams.stop();
    await close();
    throw error;
  }

  observeConnections(composed.metrics, fastify.server);
  observeReadiness(composed.metrics, readiness);
  const { stock, notices, jobs } = streams;
  observeStreams(composed.metrics, { stock: stock.count, notices: notices.count, jobs: jobs.count });
  const { port } = fastify.server.address() as AddressInfo;
  return {
    url: urlOf(config.host, port),
    metricsUrl: `${ownMetrics ? urlOf(config.host, ownMetrics.port) : urlOf(config.host, port)}/metrics`,
    localUrl: urlOf(LOCAL.get(config.host) ?? config.host, port),
    routes: table,
    leave() {
      draining = true;
    },
    drain() {
      draining = true;
      refusalPacer.flush();
      streams.stop();
    },
    close,
  };
}

async function openMetricsServer({ metricsPort, host }: Config, source: MetricsSource) {
  return metricsPort === undefined ? undefined : await metricsServer(source, metricsPort, host);
}

function byServer(routes: readonly Route[]): {
  readonly hot: readonly HotRoute[];
  readonly plain: readonly PlainRoute[];
  readonly nest: readonly NestRoute[];
} {
  return {
    hot: routes.filter((route) => route.hot === true),
    plain: routes.filter((route) => route.plain === true),
    nest: routes.filter((route) => !route.hot && !route.plain),
  };
}

const urlOf = (host: string, port: number): string => `http://${hostPort(host, port)}`;
const LOCAL: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);
