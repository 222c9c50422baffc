import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Limits } from '../limits/limits.ts';
import { ProblemError } from '../problems/problem.ts';
import { ROUTE } from '../server/nest-routes.ts';
import type { NestRoute } from '../server/route.ts';
import { type Authenticate, mustCount, Rejected } from './authenticate.ts';
import type { ExternalUsers } from './external-users.ts';
import { resolveUsers } from './named-users.ts';
import { isMachine, type Principal } from './principal.ts';
import { rejectedParts } from './rejected.ts';
import { requireScope } from './scopes.ts';

/** Refused here, because they never reach a schema. */
const DROPPED_BY_NEST = new Set(['__proto__', 'constructor', 'prototype']);
const ERRORS_MAX = 20;
const NAME_CHARS_MAX = 100;

/**
 * Guards every Nest route: authentication, authorisation and rate limits. It uses the route that was matched, never
 * the path's text, so no spelling of a path gets around it.
 */
export class EdgeGuard implements CanActivate {
  readonly #reflector = new Reflector();
  readonly #authenticate: Authenticate;
  readonly #limits: Limits;
  readonly #users: ExternalUsers | undefined;

  /** @param users undefined: there is no other issuer */
  constructor(authenticate: Authenticate, limits: Limits, users: ExternalUsers | undefined) {
    this.#authenticate = authenticate;
    this.#limits = limits;
    this.#users = users;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const route = this.#reflector.get<NestRoute | undefined>(ROUTE, context.getHandler());
    if (route === undefined) throw new Error('a route without a definition');
    const caller = await this.#authenticate(request);
    const principal = caller instanceof Rejected ? undefined : caller;
    const reply = http.getResponse<FastifyReply>();
    if (principal !== undefined) {
      request.principal = principal;
      // Also of a public route, which may show its caller more.
      reply.header('cache-control', 'no-store');
    }
    // Counted before anything is refused, so that refusals cannot be had without end.
    if (mustCount(route, caller)) {
      await this.#limits.general(principal, request, (name, value) => reply.header(name, value));
    }
    if (caller instanceof Rejected && !route.ownCredential) {
      throw new ProblemError('UNAUTHENTICATED', rejectedParts(caller.reason));
    }
    requireAccess(route, principal);
    const names = Object.keys(request.query as object);
    refuseParameters(route.query ? names.filter((name) => DROPPED_BY_NEST.has(name)) : names);
    if (principal !== undefined) await this.#resolveUsers(principal, route, request);
    return true;
  }

  /** Before the idempotency key and the audit log, which know a user by id. */
  async #resolveUsers(principal: Principal, route: NestRoute, request: FastifyRequest): Promise<void> {
    const resolved = await resolveUsers(this.#users, principal, route, request);
    if (resolved === undefined) return;
    Object.assign(request, resolved);
    // Whether the user is one for whom machines may act is known only now.
    requireAccess(route, resolved.principal);
  }
}

function requireAccess({ access, scope }: NestRoute, principal: Principal | undefined): void {
  if (principal !== undefined && isMachine(principal)) requireScope(principal, scope);
  // The scope is the rule for a machine by itself. One that acts for a customer is held to the customer's role as well.
  if (principal?.role === 'SERVICE') return;
  if (access === 'ANYBODY') return;
  if (principal === undefined) throw new ProblemError('UNAUTHENTICATED', rejectedParts('NO_CREDENTIAL'));
  if (access !== 'ANY_TOKEN' && !access.includes(principal.role)) throw new ProblemError('FORBIDDEN');
}

function refuseParameters(names: readonly string[]): void {
  if (names.length === 0) return;
  const errors = names.slice(0, ERRORS_MAX).map((name) => ({
    field: name.slice(0, NAME_CHARS_MAX),
    code: 'UNRECOGNIZED_KEYS',
    message: 'is not a parameter of this route',
  }));
  throw new ProblemError('VALIDATION_FAILED', { errors });
}
