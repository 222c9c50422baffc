import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import type { RequestContext } from '../problems/problem.ts';
import { languageOf } from './language.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard; absent on public routes without a credential. */
    principal?: Principal;
  }
}

/** The facts of the request that a problem document contains. */
export const requestContextOf = (request: FastifyRequest): RequestContext => ({
  language: languageOf(request.headers['accept-language']),
  requestId: request.id,
  instance: instanceOf(request.raw.url ?? '/'),
});

/** Removes the query, which may contain secrets. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return (end < 0 ? url : url.slice(0, end)).slice(0, 500);
}

/** A query, an encoded character, or an absolute URL. */
const OTHER_SPELLING = /[%?#]|^[^/]/;

/**
 * The path by which the router finds the route of a request: without origin and query, and decoded except for reserved characters. What looks a
 * request up by its path takes this one, or another spelling of the path would get around it.
 */
export function routedPath(url: string): string {
  if (!OTHER_SPELLING.test(url)) return url;
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  try {
    return decodeURI(path);
  } catch {
    // The router refuses it.
    return path;
  }
}

/** Bytes that a URI contains only percent-encoded, and percent signs that begin no encoded byte. Node gives the bytes of a path as latin1. */
const NOT_OF_A_URI = /%(?![\da-f]{2})|[^\w.~!$&'()*+,;=:@/%-]/gi;

/** The path as a URI reference (RFC 3986), for the `instance` of a problem. */
export const instanceOf = (url: string): string =>
  pathOf(url).replace(NOT_OF_A_URI, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
