import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticate, Rejected } from '../auth/authenticate.ts';
import { isMachine } from '../auth/principal.ts';
import { rejectedParts } from '../auth/rejected.ts';
import { scopeProblem } from '../auth/scopes.ts';
import type { SendProblem } from '../problems/problem.filter.ts';
import { ProblemError } from '../problems/problem.ts';
import { pathOf, routedPath } from './request.ts';
import type { RouteTable } from './route-table.ts';

export interface NotFoundDeps {
  readonly authenticate: Authenticate;
  readonly sendProblem: SendProblem;
  readonly table: RouteTable;
}

/** What no route took: 405 with Allow where another method would have been taken, else 404. */
export function notFound(deps: NotFoundDeps): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    const url = request.raw.url ?? '/';
    const problem =
      methodProblem(deps.table, routedPath(url), reply) ??
      (await problemAt(deps, pathOf(url), request).catch((error: unknown) => error));
    return deps.sendProblem(problem, request, reply);
  };
}

/** Returns METHOD_NOT_ALLOWED, and sets Allow, when the path takes other methods. */
export function methodProblem(table: RouteTable, path: string, reply: FastifyReply): ProblemError | undefined {
  const allowed = table.methodsAt(path);
  if (allowed.length === 0) return undefined;
  reply.header('allow', allowed.join(', '));
  return new ProblemError('METHOD_NOT_ALLOWED');
}

/**
 * Other spellings of the admin routes match no route, but get the same refusal as the plain spelling, so that the response does not reveal
 * how paths are parsed.
 */
async function problemAt(deps: NotFoundDeps, path: string, request: FastifyRequest): Promise<ProblemError> {
  if (!isAdminLike(path)) return new ProblemError('NOT_FOUND');
  const principal = await deps.authenticate(request);
  if (principal === undefined) return new ProblemError('UNAUTHENTICATED', rejectedParts('NO_CREDENTIAL'));
  if (principal instanceof Rejected) return new ProblemError('UNAUTHENTICATED', rejectedParts(principal.reason));
  const lacking = isMachine(principal) ? scopeProblem(principal, 'policies:write') : undefined;
  return lacking ?? new ProblemError(principal.role === 'CUSTOMER' ? 'FORBIDDEN' : 'NOT_FOUND');
}

function isAdminLike(path: string): boolean {
  const segments = decoded(path).toLowerCase().split('/').filter(Boolean);
  return segments.some((segment) => segment.split(';')[0] === 'admin');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
