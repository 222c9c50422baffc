import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  type ContextResponse,
  isRefusal,
  type Refusal,
  type RefusalTable,
  resultIn,
} from '../../platform/kernel/refusal.ts';
import type { HttpMetrics, ObserveResponse } from '../../platform/telemetry/http-metrics.ts';
import type { AuditOf } from '../audit/audit.ts';
import { type Authenticate, mustCount, Rejected } from '../auth/authenticate.ts';
import type { ExternalUsers } from '../auth/external-users.ts';
import { resolveUsers } from '../auth/named-users.ts';
import { isMachine, type Principal, subjectOf } from '../auth/principal.ts';
import { challengeOf, rejectedParts } from '../auth/rejected.ts';
import { requireScope } from '../auth/scopes.ts';
import { seesExternalIds, withExternalIds } from '../auth/shown-users.ts';
import { readIdempotencyKey, requireIdempotencyKey } from '../idempotency/idempotency-header.ts';
import type { Limits } from '../limits/limits.ts';
import { type HotProblems, hotProblems } from '../problems/hot-problems.ts';
import { PROBLEM_TYPE, ProblemError, type ProblemParts, problemOf } from '../problems/problem.ts';
import { languageOf } from './language.ts';
import { parsed } from './parsed.ts';
import { instanceOf } from './request.ts';
import { type HotInput, type HotRequest, type HotResponse, type HotRoute, operationOf } from './route.ts';
import { isPathId } from './schemas.ts';
import { readTraceparent } from './traceparent.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A hot route. It writes metrics and responses itself, so no hook runs for it but that of `bypassesShedding`. */
    hot?: HandleHotRequest;
  }
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
 * Authentication, validation and responses are the same as on other routes; there is no log line for each request.
 */
export interface HotDeps {
  readonly authenticate: Authenticate;
  /** Undefined: there is no other issuer. */
  readonly externalUsers: ExternalUsers | undefined;
  readonly limits: Limits;
  readonly auditOf: AuditOf;
  readonly refusals: RefusalTable;
  readonly metrics: HttpMetrics;
  readonly isDraining: () => boolean;
  /** Called with unexpected errors. */
  readonly onError: (error: unknown, requestId: string) => void;
}

export function hotResponse<Value extends object>(
  response: ContextResponse<Value> & { readonly replayed?: boolean | undefined },
  textOf: (value: Exclude<Value, Refusal>) => string,
): HotResponse {
  const { replayed = false } = response;
  const result = resultIn(response);
  return isRefusal(result) ? { refusal: result, replayed } : { text: textOf(result), replayed };
}

/** A hot route with what is known before its first request. */
interface Hot extends HotDeps {
  readonly problems: HotProblems;
  readonly route: HotRoute;
  readonly handle: (input: HotInput<z.ZodType, z.ZodType, undefined>) => Promise<HotResponse>;
  readonly operation: string;
  readonly path: string;
  readonly observe: ObserveResponse;
  readonly mayLackBody: boolean;
}

export function registerHotRoutes(fastify: FastifyInstance, routes: readonly HotRoute[], deps: HotDeps): void {
  const problems = hotProblems(deps.refusals);
  for (const route of routes) {
    const { bypassesShedding = false, handle, body } = route;
    const mayLackBody = body?.safeParse(undefined).success ?? true;
    for (const path of route.paths) {
      const observe = deps.metrics.route(route.method, path);
      const hot: Hot = {
        ...deps,
        problems,
        route,
        handle: handle as Hot['handle'],
        operation: operationOf(route),
        path,
        observe,
        mayLackBody,
      };
      const respond: HandleHotRequest = (request) => handleHotRequest(hot, request);
      fastify.post(path, { config: { bypassesShedding, hot: respond } }, async (request, reply) =>
        send(reply, await respond(request)),
      );
    }
  }
}

async function handleHotRequest(hot: Hot, request: HotRequest): Promise<HotReply> {
  const started = performance.now();
  const headers = ['x-content-type-options', 'nosniff', 'cache-control', 'no-store'];
  if (hot.isDraining()) headers.push('connection', 'close');
  if (request.headers['x-request-id'] !== undefined) headers.push('x-request-id', request.id);
  if (request.headers['traceparent'] !== undefined) echoTrace(request, headers);
  let reply: HotReply;
  try {
    const found = hot.authenticate(request);
    const caller = found instanceof Promise ? await found : found;
    const presented = caller instanceof Rejected ? undefined : caller;
    // Counted before any refusal, so that refused requests are limited, too.
    if (mustCount(hot.route, caller)) {
      await hot.limits.general(presented, request, (name, value) => headers.push(name, value));
    }
    if (presented === undefined) {
      const reason = caller instanceof Rejected ? caller.reason : 'NO_CREDENTIAL';
      throw new ProblemError('UNAUTHENTICATED', rejectedParts(reason));
    }
    if (isMachine(presented)) requireScope(presented, hot.route.scope);
    for (const name in request.query as object) refuseParameter(name);
    const resolving = resolveUsers(hot.externalUsers, presented, hot.route, request);
    const { principal, body } =
      resolving === undefined ? { principal: presented, body: request.body } : await resolving;
    // Whether the user is one for whom machines may act is known only now.
    if (resolving !== undefined && isMachine(principal)) requireScope(principal, hot.route.scope);
    const response = await hot.handle(inputOf(hot, request, body, principal));
    if (response.replayed) headers.push('idempotent-replayed', 'true');
    if ('refusal' in response) {
      const { code, details } = response.refusal;
      reply = refusalOf(hot, { code, parts: { details } }, request, headers);
    } else {
      headers.push('content-type', 'application/json; charset=utf-8');
      const { externalUsers: users } = hot;
      const text =
        users !== undefined && seesExternalIds(principal)
          ? JSON.stringify(await withExternalIds(users, JSON.parse(response.text)))
          : response.text;
      reply = { status: response.status ?? hot.route.status, headers, text };
    }
  } catch (thrown) {
    const problem = problemOf(thrown);
    if (problem === undefined) hot.onError(thrown, request.id);
    reply = refusalOf(hot, problem ?? { code: 'INTERNAL_ERROR', parts: {} }, request, headers);
  }
  hot.observe(reply.status, (performance.now() - started) / 1000);
  return reply;
}

/** Reads and checks what a handler gets. Thrown: ProblemError. */
function inputOf(
  hot: Hot,
  request: HotRequest,
  raw: unknown,
  principal: Principal,
): HotInput<z.ZodType, z.ZodType, undefined> {
  const { route, operation, path } = hot;
  const required = route.idempotent === 'required' ? requireIdempotencyKey(request) : undefined;
  const params = route.params && idsOf(route.params, request.params as Readonly<Record<string, string>>);
  const body = bodyOf(hot, raw);
  const userId = subjectOf(principal, body?.userId);
  const key = required ?? (route.idempotent ? readIdempotencyKey(request) : undefined);
  const audit = hot.auditOf(principal, route, { id: request.id, params, body });
  return { principal, userId, params, body, key, audit, operation, path, request };
}

/** The ids of a path, without the cost of a schema unless one of them is long or wrong. */
function idsOf(schema: z.ZodType, params: Readonly<Record<string, string>>): unknown {
  const ids: Record<string, bigint> = {};
  for (const name in params) {
    const text = params[name] ?? '';
    if (!isPathId(text)) return parsed(schema, params);
    ids[name] = BigInt(text);
  }
  return ids;
}

function bodyOf({ route, mayLackBody }: Hot, body: unknown): { readonly userId?: bigint } | undefined {
  if (route.body === undefined || (body === undefined && mayLackBody)) return undefined;
  return parsed(route.body, body) as { readonly userId?: bigint };
}

function refusalOf(
  hot: Hot,
  { code, parts }: { readonly code: string; readonly parts: ProblemParts },
  request: HotRequest,
  headers: string[],
): HotReply {
  const language = languageOf(request.headers['accept-language']);
  const { status, text } = hot.problems.body(code, parts, language, instanceOf(request.url), request.id);
  const retryAfter = parts.retryAfterSeconds ?? parts.details?.['retryAfterSeconds'];
  if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
  if (status === 401) headers.push('www-authenticate', challengeOf(parts.details?.['reason']));
  headers.push('content-type', PROBLEM_TYPE);
  return { status, headers, text };
}

function send(reply: FastifyReply, { status, headers, text }: HotReply): FastifyReply {
  for (let place = 0; place < headers.length; place += 2) reply.header(headers[place] ?? '', headers[place + 1]);
  return reply.code(status).send(text);
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
