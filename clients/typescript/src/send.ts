/**
 * Sends one request. Resolves to its response, whatever the status; rejects when there is none, and with the reason of `signal`. May read the body of
 * the request. The signal is not that of the request: in Node the signal of a request no longer follows another one when garbage was collected.
 */
export type Send = (request: Request, signal: AbortSignal | undefined) => Promise<Response>;

/** The `fetch` of the platform, or one that does the same. */
export type Fetch = (request: Request, options: { readonly signal: AbortSignal }) => Promise<Response>;

const PROBLEM_TYPE = 'application/problem+json';

/** The code of a problem that a proxy or another server on the way has caused: its response is no problem document of Stampede. */
export const UNEXPECTED_RESPONSE = 'UNEXPECTED_RESPONSE';

/**
 * Sends with `fetch`, and reads JSON and problem documents completely, so that a connection that ends within them counts as no response at all. Other
 * bodies, such as streams and CSV, are left to the caller. Every response that is no success has a problem document as its body.
 * @param timeoutMs for the response, with its body where it is read here
 */
export const sendWith =
  (fetch: Fetch, timeoutMs: number): Send =>
  (request, signal) =>
    new Promise((resolve, reject) => {
      const attempt = new AbortController();
      // The promise does not wait until fetch has noticed, for the same reason.
      const stop = (reason: unknown): void => {
        attempt.abort(reason);
        reject(reason);
      };
      const abort = (): void => stop(signal?.reason);
      const timer = setTimeout(() => {
        stop(new DOMException(`There was no response within ${timeoutMs} ms.`, 'TimeoutError'));
      }, timeoutMs);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
      fetch(request, { signal: attempt.signal })
        .then((response) => complete(response, new URL(request.url).pathname))
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
        });
    });

async function complete(response: Response, instance: string): Promise<Response> {
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && !type.startsWith('application/json')) return response;
  if (response.ok || type.startsWith(PROBLEM_TYPE)) return new Response(await response.arrayBuffer(), response);
  await response.body?.cancel();
  return unexpected(response, instance);
}

function unexpected({ status, statusText, headers: received }: Response, instance: string): Response {
  const headers = new Headers(received);
  headers.delete('content-encoding');
  headers.delete('content-length');
  headers.set('content-type', PROBLEM_TYPE);
  const problem = {
    type: 'about:blank',
    title: statusText,
    status,
    detail: `The response with status ${status} is not one of Stampede.`,
    instance,
    code: UNEXPECTED_RESPONSE,
    requestId: headers.get('x-request-id') ?? '',
  };
  return new Response(JSON.stringify(problem), { status, statusText, headers });
}
