import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable, of } from 'rxjs';
import { type Claim, type IdempotencyKeys, readIdempotencyKey } from './idempotency.ts';
import { OPERATION, type OperationSpec } from './operation.ts';
import { pathOf } from './request.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** An upload is not read to be compared; a client that gives a digest has it compared, too. */
const sizeOf = ({ headers }: FastifyRequest) => [headers['content-length'], headers['content-digest']];

/** Honours Idempotency-Key on operations that say `idempotent`. It runs after the guard: a replay needs a valid token too. */
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #reflector = new Reflector();
  readonly #keys: IdempotencyKeys;

  constructor(keys: IdempotencyKeys) {
    this.#keys = keys;
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const spec = this.#reflector.get<OperationSpec>(OPERATION, context.getHandler());
    const key = readIdempotencyKey(request.headers['idempotency-key']);
    if (!spec.idempotent || key === undefined || request.principal === undefined) return next.handle();

    const begun = await this.#keys.begin({
      principal: request.principal,
      route: `${request.method} ${request.routeOptions.url}`,
      key,
      path: pathOf(request.raw.url ?? '/'),
      body: spec.upload === undefined ? request.body : sizeOf(request),
    });
    if ('answer' in begun) {
      reply.status(begun.answer.status).header('idempotent-replayed', 'true').type(JSON_TYPE);
      return of(begun.answer.body);
    }
    return from(this.#carryOut(begun.claim, next, reply, spec.status));
  }

  /** The body is serialised once: what is stored is what was sent, to the byte. */
  async #carryOut(claim: Claim, next: CallHandler, reply: FastifyReply, status: number): Promise<string> {
    let body: string;
    try {
      body = JSON.stringify((await lastValueFrom(next.handle(), { defaultValue: undefined })) ?? null);
    } catch (error) {
      await this.#keys.abandon(claim);
      throw error;
    }
    await this.#keys.finish(claim, { status, body });
    reply.type(JSON_TYPE);
    return body;
  }
}
