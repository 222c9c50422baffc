import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Gets its JSON as bytes, for a signature that is to be checked before anything is read. */
    raw?: boolean;
  }
}

export const BODY_BYTES_MAX = 1024 * 1024;
/** Deeper than any schema here. Deep nesting costs a parser more than its bytes. */
const DEPTH_MAX = 20;
/** Keys that reach into prototypes where an object is copied carelessly. An escape may spell them differently. */
const SUSPICIOUS = /__proto__|constructor|prototype|\\u/;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const CONTENT_TYPE = /^application\/json *(?:; *charset="?utf-8"?)?$/i;

/** JSON in UTF-8 is the only body there is, uploads and forms aside; everything else is 415 before it is read. */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
    (request, body, done) => {
      try {
        refuseOtherTypes(request);
        done(null, request.routeOptions.config.raw ? body : parseJson(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Is it the content type of JSON in UTF-8? */
export const isJsonType = (type: string): boolean => type === 'application/json' || CONTENT_TYPE.test(type);

function refuseOtherTypes({ headers }: FastifyRequest): void {
  if (!isJsonType(headers['content-type'] ?? '')) throw new ProblemError('UNSUPPORTED_MEDIA_TYPE');
}

/** Undefined for no bytes. Thrown: VALIDATION_FAILED. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    const text = utf8.decode(bytes);
    if (depthOf(text) > DEPTH_MAX) throw malformed('is nested too deeply');
    const value: unknown = JSON.parse(text);
    if (SUSPICIOUS.test(text)) refuseForbiddenKeys(value);
    return value;
  } catch (error) {
    throw error instanceof ProblemError ? error : malformed('is not well-formed JSON');
  }
}

const malformed = (message: string): ProblemError =>
  new ProblemError('VALIDATION_FAILED', { errors: [{ field: '', code: 'MALFORMED_JSON', message }] });

/** The deepest nesting of brackets outside strings; stops counting beyond the limit. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let place = 0; place < text.length && deepest <= DEPTH_MAX; place++) {
    const char = text.charCodeAt(place);
    if (isInString) {
      if (char === BACKSLASH) place++;
      else if (char === QUOTE) isInString = false;
    } else if (char === QUOTE) isInString = true;
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) deepest = Math.max(deepest, ++depth);
    else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
  }
  return deepest;
}
const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

/** Recursion is bounded by DEPTH_MAX. */
function refuseForbiddenKeys(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) {
      const errors = [{ field: key, code: 'UNRECOGNIZED_KEYS', message: 'is not allowed as a key' }];
      throw new ProblemError('VALIDATION_FAILED', { errors });
    }
    refuseForbiddenKeys(inner);
  }
}
