import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Admission, ShedReason } from '../../platform/http/admission.ts';
import type { Pacer } from '../../platform/http/pacer.ts';
import type { RouteShareOf } from '../../platform/http/route-share.ts';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { hotProblems } from '../problems/hot-problems.ts';
import { PROBLEM_TYPE } from '../problems/problem.ts';
import { countInFlight } from './in-flight.ts';
import { languageOf } from './language.ts';
import { instanceOf, routedPath } from './request.ts';
import type { BypassesShedding } from './shedding-bypass.ts';
import { hasUnreadBody, lingerAfterResponse } from './unread-body.ts';

export interface SheddingDeps {
  readonly admission: Admission;
  readonly bypasses: BypassesShedding;
  readonly shareOf: RouteShareOf;
  readonly refusals: RefusalTable;
  readonly requestId: (request: IncomingMessage) => string;
  readonly isDraining: () => boolean;
  readonly onShed: (reason: ShedReason) => void;
  /** Answers refused requests at a bounded rate, so that refusing leaves the node time for those it admits. */
  readonly refusalPacer: Pacer;
}

/** Clients that were refused should wait this long. */
export const SHED_RETRY_AFTER_SECONDS = 1;

/**
 * Stands before Fastify: a refusal has to cost much less than the request, or an overloaded node does nothing but refuse. No route is
 * looked up, no body is read, no token is checked.
 */
export function shedding(deps: SheddingDeps, handle: RequestListener): RequestListener {
  const { admission, bypasses, shareOf, onShed, refusalPacer } = deps;
  const refuse = refusing(deps);

  function shed(reason: ShedReason, request: IncomingMessage, response: ServerResponse): void {
    onShed(reason);
    refusalPacer.schedule(() => refuse(request, response));
  }

  function start(request: IncomingMessage, response: ServerResponse, arrivedAt?: number): void {
    // The client may have gone away while its request waited.
    if (response.destroyed) return;
    // A slow client costs nothing before its body is here: a few hundred of them must not make a node look overloaded.
    if (hasBody(request)) request.on('end', () => enter(admission, response, arrivedAt));
    else enter(admission, response, arrivedAt);
    handle(request, response);
  }

  return (request, response) => {
    const path = routedPath(request.url ?? '/');
    const share = shareOf(request.method, path);
    if (share?.isFull()) return shed('route', request, response);
    // Its route takes the place in the share, once the body is here.
    if (share !== undefined) return handle(request, response);
    const verdict = admission.check();
    if (verdict === 'start' || bypasses(request.method ?? '', path)) return start(request, response);
    if (verdict !== 'wait') return shed(verdict, request, response);
    admission.wait({
      start: (arrivedAt) => start(request, response, arrivedAt),
      refuse: (reason) => shed(reason, request, response),
    });
  };
}

/** Does a route read a body? The body of a GET is not read, and so has no end. */
const hasBody = ({ method, headers }: IncomingMessage): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0);

function enter(admission: Admission, response: ServerResponse, arrivedAt: number | undefined): void {
  // Refused before its body was read.
  if (response.writableEnded || response.destroyed) return;
  countInFlight(response, admission.enter(arrivedAt));
}

function refusing({ refusals, requestId, isDraining }: SheddingDeps): RequestListener {
  const problems = hotProblems(refusals);
  const parts = { retryAfterSeconds: SHED_RETRY_AFTER_SECONDS };
  return (request, response) => {
    // The client may have gone away while its refusal waited.
    if (response.destroyed) return;
    const { headers, url = '/' } = request;
    const language = languageOf(headers['accept-language']);
    const id = requestId(request);
    const { status, text } = problems.body('OVERLOADED', parts, language, instanceOf(url), id);
    const lines = ['content-type', PROBLEM_TYPE, 'content-length', String(Buffer.byteLength(text))];
    lines.push('retry-after', String(SHED_RETRY_AFTER_SECONDS), 'x-content-type-options', 'nosniff');
    if (headers['x-request-id'] !== undefined) lines.push('x-request-id', id);
    const isUnread = hasUnreadBody(request);
    if (isUnread) lingerAfterResponse(request.socket);
    if (isUnread || isDraining()) lines.push('connection', 'close');
    response.writeHead(status, lines).end(text);
  };
}
