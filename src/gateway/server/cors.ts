import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

const METHODS = 'GET, POST, PUT, PATCH, DELETE';
/** What clients of the API send beyond what browsers always allow. */
const REQUEST_HEADERS =
  'authorization, x-api-key, x-user-id, content-type, idempotency-key, accept-language, x-request-id, traceparent, last-event-id';
/** What a page may read beyond what browsers always allow. */
const RESPONSE_HEADERS =
  'retry-after, ratelimit, ratelimit-policy, idempotent-replayed, www-authenticate, x-request-id, traceparent, content-disposition';
/** Browsers ask again after this long; Chromium allows two hours. */
const MAX_AGE_SECONDS = '7200';

/**
 * Lets pages of the listed origins read responses. It stands before everything else, so that a page can read refusals of an overloaded
 * node and of hot routes, too, and a preflight costs no route. Credentials of the browser are not allowed: there are no cookies. Without
 * origins it adds nothing.
 */
export function cors(origins: readonly string[], handle: RequestListener): RequestListener {
  if (origins.length === 0) return handle;
  const allowed = new Set(origins);
  return (request, response) => {
    const { origin } = request.headers;
    // Also where there is no origin: a cache must not give its response to a page.
    response.setHeader('vary', 'origin');
    if (origin === undefined || !allowed.has(origin)) return handle(request, response);
    response.setHeader('access-control-allow-origin', origin);
    if (isPreflight(request)) return preflight(response);
    response.setHeader('access-control-expose-headers', RESPONSE_HEADERS);
    handle(request, response);
  };
}

const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

function preflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': MAX_AGE_SECONDS,
    })
    .end();
}
