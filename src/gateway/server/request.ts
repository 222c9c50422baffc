import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import type { RequestContext } from '../problems/problem.ts';
import { languageOf } from './language.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard; absent on public routes without a credential. */
    principal?: Principal;
  }
}

/** The facts of the request that a problem document contains. */
export const requestContextOf = (request: FastifyRequest): RequestContext => ({
  language: languageOf(request.headers['accept-language']),
  requestId: request.id,
  instance: pathOf(request.raw.url ?? '/'),
});

/** Removes the query, which may contain secrets. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return (end < 0 ? url : url.slice(0, end)).slice(0, 500);
}
