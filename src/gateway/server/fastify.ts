import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify';
import type { Logger } from 'pino';
import { runInCall } from '../../platform/grpc/call-context.ts';
import type { Admission, ShedReason } from '../../platform/http/admission.ts';
import type { Pacer } from '../../platform/http/pacer.ts';
import type { RouteShareOf } from '../../platform/http/route-share.ts';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import type { HttpMetrics, ObserveResponse } from '../../platform/telemetry/http-metrics.ts';
import { clientAddress, type TrustFunction } from '../limits/client-address.ts';
import { problemSender, type SendProblem } from '../problems/problem.filter.ts';
import { ProblemError } from '../problems/problem.ts';
import { acceptMultipart } from '../uploads/image-upload.ts';
import { acceptCsv } from '../uploads/upload.ts';
import { handleClientError } from './client-error.ts';
import { cors } from './cors.ts';
import { acceptForms } from './form-body.ts';
import { collectHotRoutes, type HotTarget, hotListener } from './hot-listener.ts';
import { inflate } from './inflate.ts';
import { acceptJsonOnly, BODY_BYTES_MAX } from './json-body.ts';
import { methodProblem } from './not-found.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { routedPath } from './request.ts';
import { routeShares } from './route-shares.ts';
import { type RouteTable, recordRoutes } from './route-table.ts';
import { type SheddingDeps, shedding } from './shedding.ts';
import { type BypassesShedding, sheddingBypasses } from './shedding-bypass.ts';
import { resetStalledClients } from './stalled-clients.ts';
import { readTraceparent } from './traceparent.ts';
import { hasUnreadBody, lingerAfterResponse } from './unread-body.ts';

/** How long a client may take, in milliseconds. A slow client occupies only a socket. */
export interface ConnectionTimeouts {
  readonly headersMs: number;
  /** Headers and body together. */
  readonly requestMs: number;
  /** To take something of a response. */
  readonly stalledMs: number;
}
export const DEFAULT_TIMEOUTS: ConnectionTimeouts = { headersMs: 10_000, requestMs: 20_000, stalledMs: 30_000 };

export interface EdgeOptions {
  readonly log: Logger;
  readonly refusals: RefusalTable;
  readonly metrics: HttpMetrics;
  readonly timeouts: ConnectionTimeouts;
  /** True from the start of shutdown: responses then close their connection, so that shutdown does not wait for further requests. */
  readonly isDraining: () => boolean;
  readonly admission: Admission;
  readonly onShed: (reason: ShedReason) => void;
  readonly refusalPacer: Pacer;
  /** The proxies in front. Undefined: none, so that a client's X-Forwarded-For says nothing. */
  readonly trust: TrustFunction | undefined;
  /** Of browsers that may read responses. */
  readonly corsOrigins: readonly string[];
  /** Calls of other processes get the id and the traceparent of their request. */
  readonly passesRequestIds: boolean;
}

/** Where the page of the OpenAPI document is. */
export const DOCS_PATH = '/api/docs';
const DOCS_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

declare module 'fastify' {
  interface FastifyContextConfig {
    /** No cache may keep a response of the route. */
    noStore?: boolean;
    /** The log line of a success has the level debug. */
    isProbe?: boolean;
  }
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;
/** No route has longer path parameters. */
const PARAM_CHARS_MAX = 200;

/** Creates the Fastify instance: errors become problem documents, bodies are JSON, and every request has an id. Routes are added later. */
export function createFastify(options: EdgeOptions): {
  readonly fastify: FastifyInstance;
  readonly sendProblem: SendProblem;
  readonly table: RouteTable;
} {
  const sendProblem = problemSender(options.refusals, options.log);
  const requestId = requestIds();
  let bypasses: BypassesShedding = () => true;
  let shareOf: RouteShareOf = () => undefined;
  const targets: HotTarget[] = [];
  const instance = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    exposeHeadRoutes: false,
    trustProxy: options.trust ?? false,
    genReqId: requestId,
    serverFactory(handle) {
      const deps: SheddingDeps = {
        ...options,
        requestId,
        bypasses: (method, path) => bypasses(method, path),
        shareOf: (method, path) => shareOf(method, path),
      };
      const listener = hotListener(targets, requestId, clientAddress(options.trust), handle);
      const served = options.passesRequestIds ? inCalls(requestId, listener) : listener;
      return createHttpServer(options.timeouts, oneAtATime(cors(options.corsOrigins, shedding(deps, served))));
    },
    routerOptions: { maxParamLength: PARAM_CHARS_MAX },
    clientErrorHandler: handleClientError(options.refusals, (path) => table.methodsAt(path)) as NonNullable<
      FastifyServerOptions['clientErrorHandler']
    >,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    return503OnClosing: false,
  });
  const table = recordRoutes(instance);
  bypasses = sheddingBypasses(instance);
  shareOf = routeShares(instance, options);
  collectHotRoutes(instance, targets);
  instance.setErrorHandler((error, request, reply) => {
    if (!request.is404) return sendProblem(error, request, reply);
    // Of a request that no route takes Fastify reads the body all the same, and refuses one of another type, or a QUERY without one.
    const path = routedPath(request.raw.url ?? '/');
    return sendProblem(methodProblem(table, path, reply) ?? new ProblemError('NOT_FOUND'), request, reply);
  });
  /** A request for a path without parameters does not reach another method's template that the path matches, too. */
  const refuseOtherMethods: Hook<'onRequest'> = (request, reply, done) => {
    const path = routedPath(request.raw.url ?? '/');
    done(table.isPlain(path) ? methodProblem(table, path, reply) : undefined);
  };
  acceptJsonOnly(instance);
  acceptCsv(instance);
  acceptMultipart(instance);
  acceptForms(instance);
  instance.addHook('onRoute', (route) => {
    route.preParsing = inflate;
    if (route.config?.hot !== undefined) return;
    const observe = options.metrics.route([route.method].flat().join(','), route.url);
    route.onRequest = [
      echo,
      ...(route.url.includes(':') ? [refuseOtherMethods] : []),
      ...(route.config?.noStore ? [noStore] : []),
      ...(route.url.startsWith(DOCS_PATH) ? [protectDocs] : []),
    ];
    route.onSend = endWhen(options.isDraining);
    route.onResponse = record(options.log, observe);
  });
  return { fastify: instance, sendProblem, table };
}

/** Longer than the idle timeout of load balancers, so that the balancer closes an idle connection and not this server. */
const KEEP_ALIVE_MS = 72_000;

function createHttpServer(timeouts: ConnectionTimeouts, handle: RequestListener): Server {
  const serverTimeouts = { headersTimeout: timeouts.headersMs, requestTimeout: timeouts.requestMs };
  const server = createServer(
    { ...serverTimeouts, keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: checkEvery(timeouts) },
    handle,
  );
  resetStalledClients(server, timeouts.stalledMs);
  return server;
}

const checkEvery = (timeouts: ConnectionTimeouts): number => Math.min(1_000, Math.ceil(timeouts.headersMs / 2));

/** Returns the client's request id when it is safe to repeat, else a generated one: unique for each process start, and cheap. */
function requestIds(): (request: IncomingMessage) => string {
  const start = randomBytes(9).toString('base64url').replaceAll('-', '.');
  let count = 0;
  return (request) => {
    const given = request.headers['x-request-id'];
    if (typeof given === 'string' && REQUEST_ID.test(given)) return given;
    count += 1;
    return `${start}-${count.toString(36)}`;
  };
}

/** Everything that a request calls knows its id, and the response has the same one. */
function inCalls(requestId: (request: IncomingMessage) => string, handle: RequestListener): RequestListener {
  return (request, response) => {
    const id = requestId(request);
    request.headers['x-request-id'] = id;
    const traceparent = readTraceparent(request.headers['traceparent'])?.header;
    runInCall({ requestId: id, traceparent }, () => handle(request, response));
  };
}

type Hook<Name extends 'onRequest' | 'onSend' | 'onResponse'> = Extract<
  NonNullable<Parameters<FastifyInstance['route']>[0][Name]>,
  (...args: never[]) => unknown
>;

const echo: Hook<'onRequest'> = (request, reply, done) => {
  reply.header('x-request-id', request.id);
  // Browsers must trust the content type, not guess it from the content.
  reply.header('x-content-type-options', 'nosniff');
  const traceparent = readTraceparent(request.headers['traceparent']);
  if (traceparent !== undefined) reply.header('traceparent', traceparent.header);
  done();
};

const noStore: Hook<'onRequest'> = (_request, reply, done) => {
  reply.header('cache-control', 'no-store');
  done();
};

/** The page of the document runs scripts of this server, and asks this server only. Its style is in the page. */
const protectDocs: Hook<'onRequest'> = (_request, reply, done) => {
  reply.header('content-security-policy', DOCS_CSP);
  reply.header('referrer-policy', 'no-referrer');
  done();
};

function endWhen(isDraining: () => boolean): Hook<'onSend'> {
  return (request, reply, payload, done) => {
    const isUnread = hasUnreadBody(request.raw);
    if (isUnread) lingerAfterResponse(reply.raw.socket);
    if (isUnread || isDraining()) reply.header('connection', 'close');
    done(null, payload);
  };
}

function record(log: Logger, observe: ObserveResponse): Hook<'onResponse'> {
  return (request, reply, done) => {
    observe(reply.statusCode, reply.elapsedTime / 1000);
    const traceId = readTraceparent(request.headers['traceparent'])?.traceId;
    const line = {
      requestId: request.id,
      ...(traceId === undefined ? {} : { traceId }),
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    const isQuiet = request.routeOptions.config.isProbe === true && reply.statusCode < 400;
    log[isQuiet ? 'debug' : 'info'](line, 'request');
    done();
  };
}
