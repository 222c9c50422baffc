import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify';
import type { Logger } from 'pino';
import type { Admission, ShedReason } from '../platform/http/admission.ts';
import type { Pacer } from '../platform/http/pacer.ts';
import type { RefusalTable } from '../platform/kernel/refusal.ts';
import type { HttpMetrics, ObserveAnswer } from '../platform/telemetry/http-metrics.ts';
import { answerClientError } from './client-error.ts';
import { acceptForms } from './form-body.ts';
import { inflate } from './inflate.ts';
import { acceptJsonOnly, BODY_BYTES_MAX } from './json-body.ts';
import { type AnswerProblem, problemAnswerer } from './problem.filter.ts';
import { shedding } from './shedding.ts';
import { type BypassesShedding, sheddingBypasses } from './shedding-bypass.ts';
import { readTraceparent } from './traceparent.ts';
import { acceptCsv } from './upload.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The routes of hot-route.ts: they count and answer by themselves, and run no hook that others need. */
    hot?: boolean;
  }
}

/** How long a client may take; a slow one holds a socket, never a worker. Milliseconds. */
export interface Patience {
  readonly headersMs: number;
  /** Headers and body together. */
  readonly requestMs: number;
}
export const DEFAULT_PATIENCE: Patience = { headersMs: 10_000, requestMs: 20_000 };

export interface EdgeOptions {
  readonly log: Logger;
  readonly refusals: RefusalTable;
  readonly metrics: HttpMetrics;
  readonly patience: Patience;
  /** True once the node stops: answers then end their connection, so that the stop need not wait for the next request. */
  readonly isDraining: () => boolean;
  readonly admission: Admission;
  readonly onShed: (reason: ShedReason) => void;
  readonly refusalPacer: Pacer;
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;
/** Longer path parameters match nothing of ours. */
const PARAM_CHARS_MAX = 200;

/** A Fastify that answers problems only, reads JSON only and names every request. Routes come later. */
export function createFastify(options: EdgeOptions): {
  readonly fastify: FastifyInstance;
  readonly answer: AnswerProblem;
} {
  const answer = problemAnswerer(options.refusals, options.log);
  const requestId = requestIds();
  let bypasses: BypassesShedding = () => true;
  const instance = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    exposeHeadRoutes: false,
    // The address is the socket's: X-Forwarded-For is whatever a client likes to write.
    trustProxy: false,
    genReqId: requestId,
    serverFactory(handle) {
      const deps = { ...options, requestId, bypasses: (method: string, url: string) => bypasses(method, url) };
      return createHttpServer(options.patience, shedding(deps, handle));
    },
    routerOptions: { maxParamLength: PARAM_CHARS_MAX },
    clientErrorHandler: answerClientError(options.refusals) as NonNullable<FastifyServerOptions['clientErrorHandler']>,
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
    return503OnClosing: false,
  });
  bypasses = sheddingBypasses(instance);
  instance.setErrorHandler((error, request, reply) => answer(error, request, reply));
  acceptJsonOnly(instance);
  acceptCsv(instance);
  acceptForms(instance);
  instance.addHook('onRoute', (route) => {
    route.preParsing = inflate;
    if (route.config?.hot) return;
    const observe = options.metrics.route([route.method].flat().join(','), route.url);
    route.onRequest = echo;
    route.onSend = endWhen(options.isDraining);
    route.onResponse = record(options.log, observe);
  });
  return { fastify: instance, answer };
}

/** Longer than load balancers keep a connection that nobody uses, so that theirs is the side that closes it. */
const KEEP_ALIVE_MS = 72_000;

function createHttpServer(patience: Patience, handle: RequestListener): Server {
  const timeouts = { headersTimeout: patience.headersMs, requestTimeout: patience.requestMs };
  return createServer(
    { ...timeouts, keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: checkEvery(patience) },
    handle,
  );
}

const checkEvery = (patience: Patience): number => Math.min(1_000, Math.ceil(patience.headersMs / 2));

/** The client's id when it is harmless to repeat, else one of ours: unique per process start, cheap to make. */
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

type Hook<Name extends 'onRequest' | 'onSend' | 'onResponse'> = Extract<
  NonNullable<Parameters<FastifyInstance['route']>[0][Name]>,
  (...args: never[]) => unknown
>;

const echo: Hook<'onRequest'> = (request, reply, done) => {
  reply.header('x-request-id', request.id);
  // A browser takes an answer for what it says it is, whatever a name in it looks like.
  reply.header('x-content-type-options', 'nosniff');
  const traceparent = readTraceparent(request.headers['traceparent']);
  if (traceparent !== undefined) reply.header('traceparent', traceparent.header);
  done();
};

function endWhen(isDraining: () => boolean): Hook<'onSend'> {
  return (_request, reply, payload, done) => {
    if (isDraining()) reply.header('connection', 'close');
    done(null, payload);
  };
}

function record(log: Logger, observe: ObserveAnswer): Hook<'onResponse'> {
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
    log.info(line, 'request');
    done();
  };
}
