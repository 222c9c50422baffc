import type { Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import manifest from '../../package.json' with { type: 'json' };
import { serveApiDocs } from '../gateway/api-docs/api-docs.ts';
import { auditLines } from '../gateway/audit/audit.ts';
import { authenticator } from '../gateway/auth/authenticate.ts';
import { pollBlockedUsers } from '../gateway/auth/blocked-users.ts';
import { lastingAccess } from '../gateway/auth/lasting-access.ts';
import { openOtherIssuers } from '../gateway/auth/other-issuers.ts';
import { pollPrivilegedUsers } from '../gateway/auth/privileged-users.ts';
import { pollRevokedSessions } from '../gateway/auth/revoked-sessions.ts';
import { earlierKeys as openEarlierKeys } from '../gateway/idempotency/idempotency.ts';
import { keysInFlight as openKeysInFlight } from '../gateway/idempotency/keys-in-flight.ts';
import { trustOf } from '../gateway/limits/client-address.ts';
import {
  noCodeLimits,
  noRedemptionLimits,
  postgresCodeLimits,
  postgresRedemptionLimits,
  wrongCodesOfAddresses,
} from '../gateway/limits/code-limits.ts';
import { postgresKnownLogins } from '../gateway/limits/known-logins.ts';
import { limitCounters, STORE_TIMEOUT_MS } from '../gateway/limits/limit-counters.ts';
import { noLimits, storedLimits } from '../gateway/limits/limits.ts';
import { noLoginLimits, postgresLoginLimits } from '../gateway/limits/login-limits.ts';
import { noMailLimits, postgresMailLimits } from '../gateway/limits/mail-limits.ts';
import { openingLimit } from '../gateway/limits/opening-limit.ts';
import { openingRetries } from '../gateway/limits/opening-retries.ts';
import { redisCounters } from '../gateway/limits/redis-counters.ts';
import { openApiDocument } from '../gateway/openapi/openapi.ts';
import { noticeJson } from '../gateway/routes/notification/notification.schemas.ts';
import { allRoutes } from '../gateway/routes/routes.ts';
import { type ConnectionTimeouts, createFastify, DEFAULT_TIMEOUTS } from '../gateway/server/fastify.ts';
import { registerHotRoutes } from '../gateway/server/hot-route.ts';
import { notFound } from '../gateway/server/not-found.ts';
import { registerPlainRoutes } from '../gateway/server/plain-routes.ts';
import { publicReads as openPublicReads } from '../gateway/server/public-reads.ts';
import type { HotRoute, NestRoute, PlainRoute, Route } from '../gateway/server/route.ts';
import type { RouteTable } from '../gateway/server/route-table.ts';
import { jobStreams } from '../gateway/streams/job-streams.ts';
import { noticeStreams as createNoticeStreams } from '../gateway/streams/notice-streams.ts';
import { openStreams as createOpenStreams } from '../gateway/streams/open-streams.ts';
import { stockStreams } from '../gateway/streams/stock-streams.ts';
import { observeStreams } from '../gateway/streams/stream-metrics.ts';
import { streamPlaces, unlimitedStreamPlaces } from '../gateway/streams/stream-places.ts';
import { IMAGE_PLACES, imageReader, UNSHARED_IMAGE_PLACES } from '../gateway/uploads/image-upload.ts';
import { uploadPlaces } from '../gateway/uploads/upload-places.ts';
import { createAdmission, TICK_MS } from '../platform/http/admission.ts';
import { INVALID_CAUSES } from '../platform/http/issuer-tokens/invalid-tokens.ts';
import { createPacer } from '../platform/http/pacer.ts';
import { hostPort } from '../platform/kernel/host-port.ts';
import { admissionMetrics } from '../platform/telemetry/admission-metrics.ts';
import { httpMetrics, observeConnections } from '../platform/telemetry/http-metrics.ts';
import { metricsServer } from '../platform/telemetry/metrics-server.ts';
import type { MetricsSource } from '../platform/telemetry/metrics-source.ts';
import { observeReadiness } from '../platform/telemetry/readiness-metrics.ts';
import { appModule } from './app.module.ts';
import { ACCESS_TOKEN_LIFE_SECONDS, type Composed } from './compose.ts';
import type { Config } from './config.ts';
import { EdgeAdapter } from './edge-adapter.ts';
import { nestLogger } from './nest-logger.ts';
import { REFUSALS } from './refusals.ts';
import { sandboxOfAll } from './sandbox.ts';

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

/**
 * Refusals a second while the node is busy, and while it has room. One costs about 22 us of CPU, so these take 5 % and 22 % of a core.
 * While a refusal waits, no other request of its connection is handled: an overloaded node does not spend all its time on refusals.
 */
const REFUSALS_PER_SECOND = { busy: 2_000, idle: 10_000 };
const REFUSAL_WAIT_MAX_MS = 3_000;

/** Builds the HTTP edge over the composed contexts, and listens. */
export async function openHttp(config: Config, composed: Composed, options: HttpOptions): Promise<HttpEdge> {
  const { database, log, clock } = composed;
  const { apis, modules } = composed.contexts;
  const onError = (error: unknown, requestId?: string): void => log.error({ err: error, requestId }, 'unforeseen');
  const revoked = await pollRevokedSessions({
    identity: apis.identity,
    clock,
    accessTokenLifeSeconds: ACCESS_TOKEN_LIFE_SECONDS,
    onError,
  });
  const privileged = await pollPrivilegedUsers({ identity: apis.identity, clock, onError });
  const blocked = await pollBlockedUsers({ identity: apis.identity, clock, onError });
  const { issuers, jwtMaxLifetimeSeconds: maxLifetimeSeconds } = config;
  const otherIssuers = await openOtherIssuers({
    ...{ issuers, maxLifetimeSeconds, identity: apis.identity, blocked, privileged, clock },
    onKeysNotRead: (err, issuer) => log.warn({ err, issuer }, `the keys of the issuer ${issuer} were not read`),
    onLogoutsNotRead: (err) => log.warn({ err }, 'the logouts of other issuers were not read'),
    onInvalidToken: (cause, issuer) =>
      log.info({ ...issuer, cause }, `a token was refused as TOKEN_INVALID: ${INVALID_CAUSES[cause]}`),
  });
  const { limits, loginLimits, mailLimits, codeLimits, redemptionLimits } = await limitsOf(config, composed);
  const authenticate = authenticator({
    tokens: composed.tokens,
    revoked,
    blocked,
    privileged,
    clock,
    otherIssuers,
    identity: apis.identity,
    countByAddress: (request) => limits.general(undefined, request, () => {}),
  });
  const earlierKeys = await openEarlierKeys(database.vital, log);
  const keysInFlight = openKeysInFlight();
  const openStreams = createOpenStreams();
  const streams = stockStreams(openStreams, onError);
  const jobs = jobStreams(onError);
  if (composed.inboxChanges === undefined) throw new Error('the changes of inboxes are in no other process');
  const noticeStreams = createNoticeStreams({
    open: openStreams,
    notification: apis.notification,
    changes: composed.inboxChanges,
    toJson: noticeJson,
    onError,
  });
  const places = config.rateLimit ? streamPlaces(config.limits.streams) : unlimitedStreamPlaces;
  const filesUrl = config.filesUrl ?? `${config.publicUrl ?? ''}/files`;
  const metrics = httpMetrics(composed.metrics);
  const admission = createAdmission(() => performance.now());
  const isBusy = (): boolean => admission.inFlight() > admission.limit() / 2;
  const refusalPacer = createPacer(
    { perSecond: () => REFUSALS_PER_SECOND[isBusy() ? 'busy' : 'idle'], waitMaxMs: REFUSAL_WAIT_MAX_MS },
    () => performance.now(),
  );
  const ticks = setInterval(() => {
    admission.tick();
    refusalPacer.tick();
  }, TICK_MS).unref();
  let draining = false;
  const isDraining = (): boolean => draining;
  const readiness = {
    isDraining,
    readinessChecks: composed.readinessChecks,
    informationalChecks: { ...composed.informationalChecks, ...otherIssuers?.checks },
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
    ...apis,
    isClosed: composed.isCouponClosed,
    isSoldOut: modules.order?.isSoldOut ?? (() => false),
    sandboxPayments: composed.sandboxPayments,
    currency: config.shop.currency,
    limits,
    loginLimits,
    mailLimits,
    codeLimits,
    redemptionLimits,
    openingRetries: config.rateLimit ? openingRetries(clock, limits.general) : undefined,
    openingLimit: config.rateLimit ? openingLimit(clock) : undefined,
    earlierKeys,
    keysInFlight,
    revoked,
    privileged,
    blocked,
    otherIssuers,
    externalUsers: otherIssuers?.users,
    openStreams,
    streams,
    noticeStreams,
    mayStill: lastingAccess({ authenticate, revoked, blocked, clock }),
    streamPlaces: places,
    files: composed.files,
    fileUrl: (name) => `${filesUrl}/${name}`,
    readImage: imageReader(
      uploadPlaces(config.rateLimit ? IMAGE_PLACES : UNSHARED_IMAGE_PLACES, () => performance.now()),
    ),
    jobStreams: jobs,
    sandbox: sandboxOf(composed),
    webhookKeys: config.webhookKeys,
    mailWebhookKeys: config.mailWebhookKeys,
    webhookClocks: [clock, composed.wallClock],
    onIgnoredPayment: (facts) => log.warn(facts, 'a payment was reported that is of no order here'),
    metrics: config.metricsPort === undefined ? options.exposed : undefined,
    ...readiness,
  });
  const { hot, plain, nest } = byServer(routes);
  const auditOf = auditLines(composed.nextId);
  const externalUsers = otherIssuers?.users;
  const hotDeps = { authenticate, externalUsers, limits, auditOf, refusals: REFUSALS, metrics, isDraining, onError };
  registerHotRoutes(fastify, hot, hotDeps);
  registerPlainRoutes(fastify, plain);

  const described = { version: manifest.version, serverUrl: config.publicUrl };
  await serveApiDocs(fastify, {
    complete: openApiDocument(routes, REFUSALS, described),
    withoutAliases: openApiDocument(routes, REFUSALS, { ...described, withoutAliases: true }),
  });

  const adapter = new EdgeAdapter(fastify as never);
  const { publicReadMaxAgeSeconds: maxAge } = config;
  const publicReads = maxAge === 0 ? undefined : openPublicReads(maxAge, composed.metrics, () => performance.now());
  const parts = { authenticate, externalUsers, limits, auditOf, earlierKeys, keysInFlight, sendProblem, publicReads };
  const edge = appModule(nest, parts);
  const app = await NestFactory.create<NestFastifyApplication>(edge, adapter, {
    bodyParser: false,
    logger: nestLogger(log),
    abortOnError: false,
  });
  fastify.setNotFoundHandler(notFound({ authenticate, sendProblem, table }));
  await app.listen(config.port, config.host);
  const ownMetrics = await openMetricsServer(config, options.exposed);

  observeConnections(composed.metrics, fastify.server);
  observeReadiness(composed.metrics, readiness);
  observeStreams(composed.metrics, { stock: streams.count, notices: noticeStreams.count, jobs: jobs.count });
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
      openStreams.stop();
      noticeStreams.stop();
      streams.stop();
      jobs.stop();
    },
    async close() {
      await closeConnections(fastify.server, () => app.close());
      clearInterval(ticks);
      await ownMetrics?.close();
      revoked.stop();
      privileged.stop();
      blocked.stop();
      otherIssuers?.stop();
      earlierKeys.stop();
    },
  };
}

/** Every limit whose counters are stored. */
async function limitsOf({ rateLimit, limits, mail }: Config, { database: { vital }, redis }: Composed) {
  if (!rateLimit) {
    const coded = { codeLimits: noCodeLimits, redemptionLimits: noRedemptionLimits };
    return { limits: noLimits, loginLimits: noLoginLimits, mailLimits: noMailLimits, ...coded };
  }
  const counters = limitCounters(vital, STORE_TIMEOUT_MS);
  const knownLogins = postgresKnownLogins(vital);
  const wrongCodes = wrongCodesOfAddresses(counters, limits.codes);
  return {
    limits: storedLimits(redis === undefined ? counters : await redisCounters(redis, counters), limits),
    loginLimits: postgresLoginLimits(counters, knownLogins, limits),
    // Without mail a sign-up sends none.
    mailLimits: mail === undefined ? noMailLimits : postgresMailLimits(counters, knownLogins, limits.mail),
    codeLimits: postgresCodeLimits(counters, wrongCodes, limits.codes),
    redemptionLimits: postgresRedemptionLimits(counters, wrongCodes, limits.codes),
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

function sandboxOf({ adjustableClock: clock, scheduler, ownProcess: own, otherProcesses: others, log }: Composed) {
  return clock && sandboxOfAll({ clock, scheduler, own, others, log });
}

/** Requests that were sent before the listener closed may still be in the socket. */
const ARRIVING_MS = 100;
/** A client that neither sends nor reads delays shutdown by this long; then its connection is cut. */
const CONNECTIONS_MS = 2_000;
const LOOK_MS = 50;

/**
 * Closes the listener first and the connections later. http.Server.close() would cut every connection that looks idle, also
 * one whose request has arrived and is not read yet: its client would see a reset. Afterwards connections fall idle as
 * their responses are sent, and only this server would close them before their keep-alive ends.
 */
async function closeConnections(server: Server, close: () => Promise<void>): Promise<void> {
  NetServer.prototype.close.call(server);
  await sleep(ARRIVING_MS);
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  const all = setTimeout(() => server.closeAllConnections(), CONNECTIONS_MS);
  await close().finally(() => {
    clearInterval(idle);
    clearTimeout(all);
  });
}
