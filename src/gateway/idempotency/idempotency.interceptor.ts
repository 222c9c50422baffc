import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalize, type Observable, of, tap } from 'rxjs';
import type { AuditedRequest, AuditOf } from '../audit/audit.ts';
import { PROBLEM_TYPE } from '../problems/problem.ts';
import { ROUTE } from '../server/nest-routes.ts';
import { pathOf } from '../server/request.ts';
import { type NestRoute, operationOf, takesFile } from '../server/route.ts';
import type { EarlierKeys } from './earlier-keys.ts';
import { readIdempotencyKey, requireIdempotencyKey } from './idempotency-header.ts';
import { KeyedCall, scopeOf } from './keyed-call.ts';
import type { KeysInFlight } from './keys-in-flight.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** An upload is not read to be compared; a client that gives a digest has it compared, too. */
const sizeOf = ({ headers }: FastifyRequest) => [headers['content-length'], headers['content-digest']];

/**
 * Reads the Idempotency-Key of operations that take one and hands it to their handler as a KeyedCall. The contexts keep keys and
 * results. It runs after the guard: a replay needs a valid token too.
 */
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #reflector = new Reflector();
  readonly #earlier: EarlierKeys;
  readonly #inFlight: KeysInFlight;
  readonly #auditOf: AuditOf;

  constructor(earlier: EarlierKeys, inFlight: KeysInFlight, auditOf: AuditOf) {
    this.#earlier = earlier;
    this.#inFlight = inFlight;
    this.#auditOf = auditOf;
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const route = this.#reflector.get<NestRoute>(ROUTE, context.getHandler());
    const readKey = route.idempotent === 'required' ? requireIdempotencyKey : readIdempotencyKey;
    const key = readKey(request);
    if (!route.idempotent) return next.handle();

    const { principal } = request;
    if (key !== undefined && principal !== undefined && this.#earlier.mayExist()) {
      const response = await this.#earlier.find({
        principal,
        route: `${request.method} ${request.routeOptions.url}`,
        key,
        path: pathOf(request.raw.url ?? '/'),
        body: takesFile(route) ? sizeOf(request) : request.body,
      });
      if (response) {
        const type = response.status < 400 ? JSON_TYPE : PROBLEM_TYPE;
        reply.status(response.status).header('idempotent-replayed', 'true').type(type);
        return of(response.body);
      }
    }

    const content = [request.params, takesFile(route) ? null : withoutSecrets(route, request.body)];
    const line = this.#auditOf(principal, route, auditedPartOf(route, request));
    const call = new KeyedCall(scopeOf(principal, operationOf(route)), key, content, line);
    request.keyedCall = call;
    const release = this.#inFlight.take(call.place);
    const markReplay = (): void => {
      if (call.isReplayed) reply.header('idempotent-replayed', 'true');
    };
    return next.handle().pipe(
      tap({
        next() {
          if ((key !== undefined || line !== undefined) && !call.isTaken)
            throw new Error('a handler did not take its key');
          markReplay();
        },
        error: markReplay,
      }),
      finalize(release),
    );
  }
}

const auditedPartOf = (route: NestRoute, { id, params, query, body }: FastifyRequest): AuditedRequest => ({
  id,
  params,
  query,
  body: takesFile(route) ? undefined : body,
});

/** A hash of a password would be quick to search, so none is stored. */
function withoutSecrets({ secretFields }: NestRoute, body: unknown): unknown {
  if (secretFields === undefined || typeof body !== 'object' || body === null) return body ?? null;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !secretFields.includes(name)));
}
