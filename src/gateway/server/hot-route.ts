import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyContextConfig, FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Refusal, RefusalTable } from '../../platform/kernel/refusal.ts';
import type { HttpMetrics, ObserveResponse } from '../../platform/telemetry/http-metrics.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import type { KeysInFlight } from '../idempotency/keys-in-flight.ts';
import type { Limits } from '../limits/limits.ts';
import { type HotProblems, hotProblems } from '../problems/hot-problems.ts';
import { PROBLEM_TYPE, ProblemError, type ProblemParts, problemOf } from '../problems/problem.ts';
import { languageOf } from './language.ts';
import { pathOf } from './request.ts';
import { readTraceparent } from './traceparent.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route of this file. It writes metrics and responses itself, so no hook runs for it but that of `bypassesShedding`. */
    hot?: HandleHotRequest;
  }
}

/** What a hot route reads of a request. Fastify's request is one, too. */
export interface HotRequest {
  readonly id: string;
  /** The address of the client. */
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
  /** The path with its query, as it was sent. */
  readonly url: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** The response to be written. `headers`: names and values in turn, without content-length. */
export interface HotReply {
  readonly status: number;
  readonly headers: readonly string[];
  readonly text: string;
}

/** Handles a request. Its promise is never rejected. */
export type HandleHotRequest = (request: HotRequest) => Promise<HotReply>;

/**
 * Routes without Nest, which adds 8 to 11 us to a request whose whole budget is some 40 us, and mostly without Fastify (hot-listener.ts).
 * Authentication and responses are the same as on other routes; there is no log line for each request.
 */
export interface HotDeps {
  readonly authenticate: Authenticate;
  /** Undefined: the general limit does not apply. */
  readonly limits: Limits | undefined;
  readonly keysInFlight: KeysInFlight;
  readonly refusals: RefusalTable;
  readonly metrics: HttpMetrics;
  readonly isDraining: () => boolean;
  /** Called with unexpected errors. */
  readonly onError: (error: unknown, requestId: string) => void;
}

/** `replayed`: the response to an earlier request with the same key. */
export type HotResponse =
  /** JSON text, sent unchanged. */
  | { readonly status: number; readonly text: string; readonly replayed: boolean }
  /** Returned, not thrown: 9 of 10 responses of a rush are refusals, and an Error costs a stack trace. */
  | { readonly refusal: Refusal; readonly replayed: boolean };

/** Handles a request that is authenticated and within its rate limit. Throws ProblemError. */
export type HotHandler = (request: HotRequest, principal: Principal) => Promise<HotResponse>;

export type AddHotRoute = (
  url: string,
  handle: HotHandler,
  config?: Pick<FastifyContextConfig, 'bypassesShedding'>,
) => void;

/** Returns a function that adds a POST route with a JSON body. */
export function hotRoutes(fastify: FastifyInstance, deps: HotDeps): AddHotRoute {
  const hot = { ...deps, problems: hotProblems(deps.refusals) };
  return (url, handle, config) => {
    const observe = deps.metrics.route('POST', url);
    const respond: HandleHotRequest = (request) => handleHotRequest(hot, handle, observe, request);
    fastify.post(url, { config: { ...config, hot: respond } }, async (request, reply) =>
      send(reply, await respond(request)),
    );
  };
}

type Hot = HotDeps & { readonly problems: HotProblems };

async function handleHotRequest(
  hot: Hot,
  handle: HotHandler,
  observe: ObserveResponse,
  request: HotRequest,
): Promise<HotReply> {
  const started = performance.now();
  const headers = ['x-content-type-options', 'nosniff'];
  if (hot.isDraining()) headers.push('connection', 'close');
  if (request.headers['x-request-id'] !== undefined) headers.push('x-request-id', request.id);
  if (request.headers['traceparent'] !== undefined) echoTrace(request, headers);
  let reply: HotReply;
  try {
    const known = hot.authenticate(request.headers);
    const principal = known instanceof Promise ? await known : known;
    // Counted before any refusal, so that refused requests are limited, too.
    if (hot.limits !== undefined) {
      await hot.limits.general(principal, request.ip, (name, value) => headers.push(name, value));
    }
    if (principal === undefined) throw new ProblemError('UNAUTHENTICATED');
    for (const name in request.query as object) refuseParameter(name);
    const response = await handle(request, principal);
    if (response.replayed) headers.push('idempotent-replayed', 'true');
    if ('refusal' in response) {
      const { code, details } = response.refusal;
      reply = refusalOf(hot, { code, parts: { details } }, request, headers);
    } else {
      headers.push('content-type', 'application/json; charset=utf-8');
      reply = { status: response.status, headers, text: response.text };
    }
  } catch (thrown) {
    const problem = problemOf(thrown);
    if (problem === undefined) hot.onError(thrown, request.id);
    reply = refusalOf(hot, problem ?? { code: 'INTERNAL_ERROR', parts: {} }, request, headers);
  }
  observe(reply.status, (performance.now() - started) / 1000);
  return reply;
}

function refusalOf(
  hot: Hot,
  { code, parts }: { readonly code: string; readonly parts: ProblemParts },
  request: HotRequest,
  headers: string[],
): HotReply {
  const language = languageOf(request.headers['accept-language']);
  const { status, text } = hot.problems.body(code, parts, language, pathOf(request.url), request.id);
  const retryAfter = parts.retryAfterSeconds ?? parts.details?.['retryAfterSeconds'];
  if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
  headers.push('content-type', PROBLEM_TYPE);
  return { status, headers, text };
}

function send(reply: FastifyReply, { status, headers, text }: HotReply): FastifyReply {
  for (let place = 0; place < headers.length; place += 2) reply.header(headers[place] ?? '', headers[place + 1]);
  return reply.code(status).send(text);
}

/** Thrown: VALIDATION_FAILED. */
export function parsedBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new ProblemError('VALIDATION_FAILED', { issues: result.error.issues });
}

function echoTrace(request: HotRequest, headers: string[]): void {
  const traceparent = readTraceparent(request.headers['traceparent']);
  if (traceparent !== undefined) headers.push('traceparent', traceparent.header);
}

function refuseParameter(field: string): never {
  const errors = [
    { field: field.slice(0, 100), code: 'UNRECOGNIZED_KEYS', message: 'is not a parameter of this route' },
  ];
  throw new ProblemError('VALIDATION_FAILED', { errors });
}
