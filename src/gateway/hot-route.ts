import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { RefusalTable } from '../platform/kernel/refusal.ts';
import type { HttpMetrics, ObserveAnswer } from '../platform/telemetry/http-metrics.ts';
import type { Authenticate } from './authenticate.ts';
import { type HotProblems, hotProblems } from './hot-problems.ts';
import { languageOf } from './language.ts';
import type { Limits } from './limits.ts';
import type { Principal } from './principal.ts';
import { PROBLEM_TYPE, ProblemError, problemOf } from './problem.ts';
import { pathOf } from './request.ts';
import { readTraceparent } from './traceparent.ts';

/**
 * Routes that stand on Fastify itself: Nest adds 8 to 11 us to a request whose whole budget is some 40 us. Same
 * authentication, same limits, same answers; no per-request log line.
 */
export interface HotDeps {
  readonly authenticate: Authenticate;
  readonly limits: Limits;
  readonly refusals: RefusalTable;
  readonly metrics: HttpMetrics;
  readonly isDraining: () => boolean;
  /** Hears of what nobody foresaw. */
  readonly onError: (error: unknown, requestId: string) => void;
}

export interface HotAnswer {
  readonly status: number;
  /** JSON, to be sent as it stands. */
  readonly text: string;
  /** Answered to an earlier request with the same key. */
  readonly replayed: boolean;
}

/** How a route refuses what was refused before, too. */
export class ReplayedProblem extends ProblemError {}

/** What a route does for somebody who is known and within their limits. Throws ProblemError. */
export type HotHandler = (request: FastifyRequest, principal: Principal) => Promise<HotAnswer>;

/** Answers how to add a POST route whose body is JSON. */
export function hotRoutes(fastify: FastifyInstance, deps: HotDeps): (url: string, handle: HotHandler) => void {
  const hot = { ...deps, problems: hotProblems(deps.refusals) };
  return (url, handle) => {
    const observe = deps.metrics.route('POST', url);
    fastify.post(url, { config: { hot: true } }, (request, reply) => answer(hot, handle, observe, request, reply));
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
  if (hot.isDraining()) reply.header('connection', 'close');
  if (request.headers['x-request-id'] !== undefined) reply.header('x-request-id', request.id);
  if (request.headers['traceparent'] !== undefined) echoTrace(request, reply);
  try {
    const known = hot.authenticate(request.headers);
    const principal = known instanceof Promise ? await known : known;
    // Counted before anything is refused, so that refusals cannot be had without end.
    await hot.limits.general(principal, request.ip, reply);
    if (principal === undefined) throw new ProblemError('UNAUTHENTICATED');
    for (const name in request.query as object) refuseParameter(name);
    const { status, text, replayed } = await handle(request, principal);
    if (replayed) reply.header('idempotent-replayed', 'true');
    reply.header('content-type', 'application/json; charset=utf-8');
    return send(reply, status, text, observe, started);
  } catch (thrown) {
    return refuse(hot, thrown, observe, started, request, reply);
  }
}

function refuse(
  hot: Hot,
  thrown: unknown,
  observe: ObserveAnswer,
  started: number,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(thrown);
  if (problem === undefined) hot.onError(thrown, request.id);
  const { code, parts } = problem ?? { code: 'INTERNAL_ERROR', parts: {} };
  const language = languageOf(request.headers['accept-language']);
  const { status, text } = hot.problems.body(code, parts, language, pathOf(request.raw.url ?? ''), request.id);
  const retryAfter = parts.retryAfterSeconds ?? parts.details?.['retryAfterSeconds'];
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (thrown instanceof ReplayedProblem) reply.header('idempotent-replayed', 'true');
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
