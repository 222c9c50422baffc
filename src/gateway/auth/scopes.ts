import type { ApiKeyScope } from '../../contexts/identity/api.ts';
import { ProblemError } from '../problems/problem.ts';
import { actsForPrivileged, type Principal } from './principal.ts';

/** The scope that a machine needs for a route. NEVER: no scope is enough, because only users may do it. */
export type RouteScope = ApiKeyScope | 'NEVER';

/** The rule for machines, on every route, also when they act for a customer. Returns the refusal: FORBIDDEN, SCOPE_MISSING. */
export function scopeProblem(principal: Principal, scope: RouteScope): ProblemError | undefined {
  const { scopes = [], userId } = principal;
  if (scope === 'NEVER' || actsForPrivileged(principal, userId)) return new ProblemError('FORBIDDEN');
  if (scopes.includes(scope) || scopes.includes('admin')) return undefined;
  return new ProblemError('SCOPE_MISSING', { details: { scope } });
}

/** Throws what `scopeProblem` returns. */
export function requireScope(principal: Principal, scope: RouteScope): void {
  const problem = scopeProblem(principal, scope);
  if (problem !== undefined) throw problem;
}
