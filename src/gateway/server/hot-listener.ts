import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { HandleHotRequest, HotReply } from './hot-route.ts';
import { isJsonType, parseJson } from './json-body.ts';
import type { HotRequest } from './route.ts';

/** Longer bodies are left to Fastify, which has the limit. */
const HOT_BODY_BYTES_MAX = 64 * 1024;

/** A hot route as this listener finds it. */
export interface HotTarget {
  readonly path: RegExp;
  readonly parameter: string | undefined;
  readonly handle: HandleHotRequest;
  readonly bypassesShedding: boolean;
}

/**
 * Answers the requests of hot routes that need nothing of Fastify: the path spelled as in the route, no query, and a short JSON body
 * of known length, or none. Every other request goes to Fastify, which has the same routes and refuses what is wrong (ADR 31).
 */
export function hotListener(
  targets: readonly HotTarget[],
  requestId: (request: IncomingMessage) => string,
  addressOf: (request: IncomingMessage) => string,
  fallback: RequestListener,
): RequestListener {
  return (request, response) => {
    const found = request.method === 'POST' && isPlain(request) ? targetOf(targets, request.url ?? '') : undefined;
    if (found === undefined) return fallback(request, response);
    const { target, params } = found;
    const handle = (bytes: Buffer): void => {
      if (target.bypassesShedding) response.handledRequest?.excludeFromRate();
      const plain = new PlainRequest(request, requestId(request), addressOf, params, bytes);
      // A response that cannot be written must not end the process.
      target
        .handle(plain)
        .then((reply) => write(response, reply))
        .catch(() => response.destroy());
    };
    if (lengthOf(request) === 0) return handle(NO_BYTES);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handle(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  };
}

/** Adds the hot routes to `targets` as they are registered. */
export function collectHotRoutes(fastify: FastifyInstance, targets: HotTarget[]): void {
  fastify.addHook('onRoute', ({ url, config }) => {
    if (config?.hot === undefined) return;
    const [parameter, ...others] = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name);
    if (others.length > 0) throw new Error(`${url}: a hot route has one parameter at most`);
    // A template's other characters are letters, digits, slashes and dashes.
    const path = new RegExp(`^${url.replace(/:\w+/, '([\\w-]{1,64})')}$`);
    targets.push({ path, parameter, handle: config.hot, bypassesShedding: config.bypassesShedding === true });
  });
}

const NO_BYTES = Buffer.alloc(0);
const NO_PARAMETERS = Object.freeze({});
/** Without a prototype, so that a loop over its names finds none. */
const NO_QUERY: object = Object.freeze(Object.create(null));

class PlainRequest implements HotRequest {
  readonly id: string;
  readonly params: unknown;
  readonly query = NO_QUERY;
  readonly raw: IncomingMessage;
  readonly #addressOf: (request: IncomingMessage) => string;
  #bytes: Buffer | undefined;
  #body: unknown;

  constructor(
    request: IncomingMessage,
    id: string,
    addressOf: (request: IncomingMessage) => string,
    params: unknown,
    bytes: Buffer,
  ) {
    this.raw = request;
    this.#addressOf = addressOf;
    this.id = id;
    this.params = params;
    this.#bytes = bytes;
  }

  get ip(): string {
    return this.#addressOf(this.raw);
  }

  get headers(): IncomingMessage['headers'] {
    return this.raw.headers;
  }

  get url(): string {
    return this.raw.url ?? '';
  }

  /** Thrown: VALIDATION_FAILED for what is not JSON. */
  get body(): unknown {
    if (this.#bytes !== undefined) {
      this.#body = parseJson(this.#bytes);
      this.#bytes = undefined;
    }
    return this.#body;
  }
}

function isPlain({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined) return false;
  const type = headers['content-type'];
  const length = headers['content-length'];
  if (length === undefined || length === '0') return type === undefined || isJsonType(type);
  return type !== undefined && isJsonType(type) && Number(length) <= HOT_BODY_BYTES_MAX;
}

const lengthOf = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

function targetOf(targets: readonly HotTarget[], url: string) {
  for (const target of targets) {
    const match = target.path.exec(url);
    if (match === null) continue;
    return { target, params: target.parameter === undefined ? NO_PARAMETERS : { [target.parameter]: match[1] } };
  }
  return undefined;
}

function write(response: ServerResponse, { status, headers, text }: HotReply): void {
  // Also when the client has gone away: the end of the response ends its request's place among those in flight.
  response.writeHead(status, [...headers, 'content-length', String(Buffer.byteLength(text))]).end(text);
}
