import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { type Outage, outageLog } from '../../platform/telemetry/outage-log.ts';
import { requestContextOf } from '../server/request.ts';
import { PROBLEM_TYPE, problemDocument, problemOf } from './problem.ts';

/**
 * Turns a thrown value into a problem document. Unexpected errors are logged, and their details are not sent. Of requests that fail for one reason,
 * such as a dependency that is away, each route logs one a minute.
 */
export type SendProblem = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

export function problemSender(table: RefusalTable, log: Logger): SendProblem {
  const outages = new Map<string, Outage>();
  function outageOf(code: string): Outage {
    const outage = outages.get(code) ?? outageLog({ log, message: code, subject: 'route' });
    outages.set(code, outage);
    return outage;
  }
  return (thrown, request, reply) => {
    const about = { requestId: request.id, route: request.routeOptions?.url };
    const foreseen = problemOf(thrown);
    if (foreseen === undefined) log.error({ err: thrown, ...about }, 'unforeseen');
    if (reply.sent || reply.raw.headersSent) return reply;
    const { code, parts } = foreseen ?? { code: 'INTERNAL_ERROR', parts: {} };
    const problem = problemDocument(table, code, parts, requestContextOf(request));
    if (foreseen !== undefined && problem.status >= 500) outageOf(code).failed(thrown, about);
    return (
      reply
        .code(problem.status)
        .headers(problem.headers)
        // Some refusals may be cached unless they forbid it (RFC 9111, 4.2.2), and another credential may get another response.
        .header('cache-control', 'no-store')
        .header('x-request-id', request.id)
        .header('content-language', requestContextOf(request).language)
        .type(PROBLEM_TYPE)
        .send(JSON.stringify(problem.body))
    );
  };
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #send: SendProblem;

  constructor(send: SendProblem) {
    this.#send = send;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.#send(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
