import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

/** Puts a credential on requests. */
export interface Authorization {
  headers(): Promise<Readonly<Record<string, string>>>;
  /** The headers after those of the last request were rejected, where there can be others. */
  renewed?(): Promise<Readonly<Record<string, string>>>;
}

const ATTEMPTS = 4;
const DELAY_MS = 250;
/** A longer Retry-After is for the user to wait for. */
const RETRY_AFTER_MAX_MS = 20_000;
const HEADERS_TIMEOUT_MS = 30_000;

/**
 * Sends a request, and repeats it while the server is busy or no response arrives: a read, or a command with its Idempotency-Key. An upload is sent once, because its body
 * is a stream. Resolves to the last response.
 * @throws StartError when the server cannot be reached
 */
export async function send(request: Request, authorization: Authorization): Promise<Response> {
  const isUpload = request.headers.get('content-type') === 'text/csv';
  if (request.method !== 'GET') request.headers.set('idempotency-key', randomUUID());
  let headers = await authorization.headers();
  let isRenewed = authorization.renewed === undefined;
  for (let attempt = 1; ; attempt++) {
    const isLast = isUpload || attempt >= ATTEMPTS;
    const response = await once(isLast ? request : request.clone(), headers).catch((error: unknown) => {
      if (isLast) throw unreachable(request, error);
      return undefined;
    });
    if (response?.status === 401 && !isRenewed && !isLast) {
      isRenewed = true;
      headers = (await authorization.renewed?.()) ?? headers;
      continue;
    }
    const delayMs = response === undefined ? 0 : retryDelay(response);
    if (isLast || delayMs === undefined) {
      if (response !== undefined) return response;
    } else {
      await response?.body?.cancel();
      await sleep(delayMs + Math.random() * DELAY_MS * 2 ** attempt);
    }
  }
}

async function once(request: Request, headers: Readonly<Record<string, string>>): Promise<Response> {
  for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
  if (request.headers.get('content-type') === 'text/csv') return await fetch(request);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), HEADERS_TIMEOUT_MS);
  try {
    return await fetch(request, { signal: timeout.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Undefined: the response is final. With Retry-After nothing was decided; without it 429 and 503 may be those of a proxy. */
function retryDelay({ status, headers }: Response): number | undefined {
  if (![429, 502, 503, 504].includes(status)) return undefined;
  const retryAfter = Number(headers.get('retry-after') ?? 0) * 1_000;
  return retryAfter <= RETRY_AFTER_MAX_MS ? retryAfter : undefined;
}

function unreachable(request: Request, error: unknown): StartError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { origin } = new URL(request.url);
  return new StartError(`No server responds at ${origin}: ${firstMessage(cause)}. Is it the right address (--url)?`, {
    cause: error,
  });
}
