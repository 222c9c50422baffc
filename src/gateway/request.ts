import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { languageOf } from './language.ts';
import type { Principal } from './principal.ts';
import { type Asked, ProblemError } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard; absent where anybody may call and nobody said who they are. */
    principal?: Principal;
  }
}

/** The principal of this request, as an argument of a controller's method: `@Asker() principal: Principal`. */
export const Asker = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  return principalOf(context.switchToHttp().getRequest<FastifyRequest>());
});

/** Thrown: UNAUTHENTICATED. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new ProblemError('UNAUTHENTICATED');
  return request.principal;
}

/** What a problem document says of the request. */
export const askedOf = (request: FastifyRequest): Asked => ({
  language: languageOf(request.headers['accept-language']),
  requestId: request.id,
  instance: pathOf(request.raw.url ?? '/'),
});

/** Without the query: it may hold what is not to be repeated. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return (end < 0 ? url : url.slice(0, end)).slice(0, 500);
}
