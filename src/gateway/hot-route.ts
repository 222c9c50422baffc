import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Refusal, RefusalTable } from '../platform/kernel/refusal.ts';
import type { HttpMetrics, ObserveAnswer } from '../platform/telemetry/http-metrics.ts';
import type { Authenticate } from './authenticate.ts';
import { type HotProblems, hotProblems } from './hot-problems.ts';
import type { KeysInFlight } from './keys-in-flight.ts';
import { languageOf } from './language.ts';
import type { Limits } from './limits.ts';
import type { Principal } from './principal.ts';
import { PROBLEM_TYPE, ProblemError, type ProblemParts, problemOf } from './problem.ts';
import { pathOf } from './request.ts';
import { readTraceparent } from './traceparent.ts';

/**
 * Routes that stand on Fastify itself: Nest adds 8 to 11 us to a request whose whole budget is some 40 us. Same
 * authentication, same answers; no per-request log line.
 */
export interface HotDeps {
  readonly authenticate: Authenticate;
  /** Undefined: the general limit does not apply. */
  readonly limits: Limits | undefined;
  readonly keysInFlight: KeysInFlight;
  readonly refusals: RefusalTable;
  readonly metrics: HttpMetrics;
  readonly isDraining: () => boolean;
  /** Hears of what nobody foresaw. */
  readonly onError: (error: unknown, requestId: string) => void;
}

/** `replayed`: answered to an earlier request with the same key. */
export type HotAnswer =
  /** JSON, to be sent as it stands. */
  | { readonly status: number; readonly text: string; readonly replayed: boolean }
  /** A value, not thrown: 9 of 10 answers of a rush are refusals, and an Error costs its stack. */
  | { readonly refusal: Refusal; readonly replayed: boolean };

/** What a route does for somebody who is known and within their limits. Throws ProblemError. */
export type HotHandler = (request: FastifyRequest, principal: Principal) => Promise<HotAnswer>;

export type AddHotRoute = (
  url: string,
  handle: HotHandler,
  config?: Pick<FastifyContextConfig, 'bypassesShedding'>,
) => void;

/** Answers how to add a POST route whose body is JSON. */
export function hotRoutes(fastify: FastifyInstance, deps: HotDeps): AddHotRoute {
  const hot = { ...deps, problems: hotProblems(deps.refusals) };
  return (url, handle, config) => {
    const observe = deps.metrics.route('POST', url);
    fastify.post(url, { config: { ...config, hot: true } }, (request, reply) =>
      answer(hot, handle, observe, request, reply),
    );
  };
}

type Hot = HotDeps & { readonly problems: HotProblems };

async function answer(
  hot: Hot,
  handle: HotHandler,
  observe: ObserveAnswer,
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
    // Counted before anything is refused, so that refusals cannot be had without end.
    if (hot.limits !== undefined) await hot.limits.general(principal, request.ip, reply);
    if (principal === undefined) throw new ProblemError('UNAUTHENTICATED');
    for (const name in request.query as object) refuseParameter(name);
    const answered = await handle(request, principal);
    if (answered.replayed) reply.header('idempotent-replayed', 'true');
    if ('refusal' in answered) {
      const { code, details } = answered.refusal;
      return refuse(hot, { code, parts: { details } }, observe, started, request, reply);
    }
    reply.header('content-type', 'application/json; charset=utf-8');
    return send(reply, answered.status, answered.text, observe, started);
  } catch (thrown) {
    const problem = problemOf(thrown);
    if (problem === undefined) hot.onError(thrown, request.id);
    return refuse(hot, problem ?? { code: 'INTERNAL_ERROR', parts: {} }, observe, started, request, reply);
  }
}

function refuse(
  hot: Hot,
  { code, parts }: { readonly code: string; readonly parts: ProblemParts },
  observe: ObserveAnswer,
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

function send(reply: FastifyReply, status: number, text: string, observe: ObserveAnswer, started: number) {
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
