import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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

/**
 * Routes directly on Fastify: Nest adds 8 to 11 us to a request whose whole budget is some 40 us. Authentication and responses are the
 * same as on other routes; there is no log line for each request.
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
export type HotHandler = (request: FastifyRequest, principal: Principal) => Promise<HotResponse>;

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
    fastify.post(url, { config: { ...config, hot: true } }, (request, reply) =>
      handleHotRequest(hot, handle, observe, request, reply),
    );
  };
}

type Hot = HotDeps & { readonly problems: HotProblems };

async function handleHotRequest(
  hot: Hot,
  handle: HotHandler,
  observe: ObserveResponse,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const started = performance.now();
  reply.header('x-content-type-options', 'nosniff');
  if (hot.isDraining()) reply.header('connection', 'close');
  if (request.headers['x-request-id'] !== undefined) reply.header('x-request-id', request.id);
  if (request.headers['traceparent'] !== undefined) echoTrace(request, reply);
  try {
    const known = hot.authenticate(request.headers);
    const principal = known instanceof Promise ? await known : known;
    // Counted before any refusal, so that refused requests are limited, too.
    if (hot.limits !== undefined) await hot.limits.general(principal, request.ip, reply);
    if (principal === undefined) throw new ProblemError('UNAUTHENTICATED');
    for (const name in request.query as object) refuseParameter(name);
    const response = await handle(request, principal);
    if (response.replayed) reply.header('idempotent-replayed', 'true');
    if ('refusal' in response) {
      const { code, details } = response.refusal;
      return refuse(hot, { code, parts: { details } }, observe, started, request, reply);
    }
    reply.header('content-type', 'application/json; charset=utf-8');
    return send(reply, response.status, response.text, observe, started);
  } catch (thrown) {
    const problem = problemOf(thrown);
    if (problem === undefined) hot.onError(thrown, request.id);
    return refuse(hot, problem ?? { code: 'INTERNAL_ERROR', parts: {} }, observe, started, request, reply);
  }
}

function refuse(
  hot: Hot,
  { code, parts }: { readonly code: string; readonly parts: ProblemParts },
  observe: ObserveResponse,
  started: number,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const language = languageOf(request.headers['accept-language']);
  const { status, text } = hot.problems.body(code, parts, language, pathOf(request.raw.url ?? ''), request.id);
  const retryAfter = parts.retryAfterSeconds ?? parts.details?.['retryAfterSeconds'];
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  reply.header('content-type', PROBLEM_TYPE);
  return send(reply, status, text, observe, started);
}

function send(reply: FastifyReply, status: number, text: string, observe: ObserveResponse, started: number) {
  observe(status, (performance.now() - started) / 1000);
  return reply.code(status).send(text);
}

/** Thrown: VALIDATION_FAILED. */
export function parsedBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new ProblemError('VALIDATION_FAILED', { issues: result.error.issues });
}

function echoTrace(request: FastifyRequest, reply: FastifyReply): void {
  const traceparent = readTraceparent(request.headers['traceparent']);
  if (traceparent !== undefined) reply.header('traceparent', traceparent.header);
}

function refuseParameter(field: string): never {
  const errors = [
    { field: field.slice(0, 100), code: 'UNRECOGNIZED_KEYS', message: 'is not a parameter of this route' },
  ];
  throw new ProblemError('VALIDATION_FAILED', { errors });
}
