import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable, of } from 'rxjs';
import type { RefusalTable } from '../platform/kernel/refusal.ts';
import { type Claim, type IdempotencyKeys, readIdempotencyKey, requireIdempotencyKey } from './idempotency.ts';
import { OPERATION, type OperationSpec } from './operation.ts';
import { PROBLEM_TYPE, problemDocument, problemOf } from './problem.ts';
import { askedOf, pathOf } from './request.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** An upload is not read to be compared; a client that gives a digest has it compared, too. */
const sizeOf = ({ headers }: FastifyRequest) => [headers['content-length'], headers['content-digest']];

/** Honours Idempotency-Key on operations that say `idempotent`. It runs after the guard: a replay needs a valid token too. */
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #reflector = new Reflector();
  readonly #keys: IdempotencyKeys;

  readonly #refusals: RefusalTable;

  constructor(keys: IdempotencyKeys, refusals: RefusalTable) {
    this.#keys = keys;
    this.#refusals = refusals;
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const spec = this.#reflector.get<OperationSpec>(OPERATION, context.getHandler());
    const readKey = spec.idempotent === 'required' ? requireIdempotencyKey : readIdempotencyKey;
    const key = readKey(request.headers['idempotency-key']);
    if (!spec.idempotent || key === undefined || request.principal === undefined) return next.handle();

    const begun = await this.#keys.begin({
      principal: request.principal,
      route: `${request.method} ${request.routeOptions.url}`,
      key,
      path: pathOf(request.raw.url ?? '/'),
      body: spec.upload === undefined ? request.body : sizeOf(request),
    });
    if ('answer' in begun) {
      const { status, body } = begun.answer;
      reply
        .status(status)
        .header('idempotent-replayed', 'true')
        .type(status < 400 ? JSON_TYPE : PROBLEM_TYPE);
      return of(body);
    }
    return from(this.#carryOut(begun.claim, next, spec, request, reply));
  }

  /** The body is serialised once: what is stored is what was sent, to the byte. */
  async #carryOut(
    claim: Claim,
    next: CallHandler,
    spec: OperationSpec,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string> {
    let body: string;
    try {
      body = JSON.stringify((await lastValueFrom(next.handle(), { defaultValue: undefined })) ?? null);
    } catch (error) {
      const problem = problemOf(error);
      if (problem && spec.final?.includes(problem.code)) {
        const { status, body } = problemDocument(this.#refusals, problem.code, problem.parts, askedOf(request));
        await this.#keys.finish(claim, { status, body: JSON.stringify(body) });
      } else {
        await this.#keys.abandon(claim);
      }
      throw error;
    }
    await this.#keys.finish(claim, { status: spec.status, body });
    reply.type(JSON_TYPE);
    return body;
  }
}
