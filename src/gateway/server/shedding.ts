import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { QUEUE_AGE_MAX_MS } from '../../platform/batching/batcher.ts';
import type { Admission, HandledRequest, ShedReason } from '../../platform/http/admission.ts';
import type { Pacer } from '../../platform/http/pacer.ts';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { hotProblems } from '../problems/hot-problems.ts';
import { PROBLEM_TYPE } from '../problems/problem.ts';
import { languageOf } from './language.ts';
import { instanceOf } from './request.ts';
import type { RouteShareOf } from './route-shares.ts';
import type { BypassesShedding } from './shedding-bypass.ts';
import { hasUnreadBody, lingerAfterResponse } from './unread-body.ts';

declare module 'node:http' {
  interface ServerResponse {
    /** How the request counts as in flight. */
    handledRequest?: HandledRequest;
  }
}

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
const RETRY_AFTER_SECONDS = 1;

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

  function start(
    request: IncomingMessage,
    response: ServerResponse,
    arrivedAt?: number,
    places: Pick<Admission, 'enter'> = admission,
  ): void {
    // The client may have gone away while its request waited.
    if (response.destroyed) return;
    // A slow client costs nothing before its body is here: a few hundred of them must not make a node look overloaded.
    if (hasBody(request)) request.on('end', () => enter(places, response, arrivedAt));
    else enter(places, response, arrivedAt);
    handle(request, response);
  }

  return (request, response) => {
    const share = shareOf(request.method, request.url);
    if (share?.isFull()) return shed('route', request, response);
    if (share !== undefined) return start(request, response, undefined, share);
    const verdict = admission.check();
    if (verdict === 'start' || bypasses(request.method ?? '', request.url ?? '')) return start(request, response);
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
  (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0');

function enter(places: Pick<Admission, 'enter'>, response: ServerResponse, arrivedAt: number | undefined): void {
  // Refused before its body was read.
  if (response.writableEnded || response.destroyed) return;
  response.handledRequest = places.enter(arrivedAt);
  // Its client may read the response slowly or not at all: that keeps the socket busy, not the node.
  response.on('prefinish', leave);
  response.on('close', leaveAfterClose);
}

// Functions that are shared by all responses, and `on`: `once` makes two objects for each request.
function leave(this: ServerResponse): void {
  this.handledRequest?.leave();
}

function leaveAfterClose(this: ServerResponse): void {
  if (this.writableEnded) this.handledRequest?.leave();
  else leaveWhenHandled(this);
}

/**
 * Of a client that went away: its command may be queued all the same, and delays those behind it. Without this, clients that give up
 * soon would fill the queue with commands that no limit counts.
 */
function leaveWhenHandled(response: ServerResponse): void {
  const timer = setTimeout(() => response.handledRequest?.leave(), QUEUE_AGE_MAX_MS).unref();
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.end = (...args: unknown[]) => {
    clearTimeout(timer);
    response.handledRequest?.leave();
    return end(...args);
  };
}

function refusing({ refusals, requestId, isDraining }: SheddingDeps): RequestListener {
  const problems = hotProblems(refusals);
  const parts = { retryAfterSeconds: RETRY_AFTER_SECONDS };
  return (request, response) => {
    // The client may have gone away while its refusal waited.
    if (response.destroyed) return;
    const { headers, url = '/' } = request;
    const language = languageOf(headers['accept-language']);
    const id = requestId(request);
    const { status, text } = problems.body('OVERLOADED', parts, language, instanceOf(url), id);
    const lines = ['content-type', PROBLEM_TYPE, 'content-length', String(Buffer.byteLength(text))];
    lines.push('retry-after', String(RETRY_AFTER_SECONDS), 'x-content-type-options', 'nosniff');
    if (headers['x-request-id'] !== undefined) lines.push('x-request-id', id);
    const isUnread = hasUnreadBody(request);
    if (isUnread) lingerAfterResponse(request.socket);
    if (isUnread || isDraining()) lines.push('connection', 'close');
    response.writeHead(status, lines).end(text);
  };
}
