import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { PROBLEM_TYPE, problemDocument } from '../problems/problem.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import { isUploading } from '../uploads/upload.ts';
import { instanceOf, pathOf } from './request.ts';

const CODE_OF_ERROR: ReadonlyMap<string, ProblemCode> = new Map([
  ['HPE_HEADER_OVERFLOW', 'HEADERS_TOO_LARGE'],
  ['HPE_INVALID_METHOD', 'METHOD_NOT_ALLOWED'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'REQUEST_TIMEOUT'],
]);
/** What the parser was given when it found the error, which begins with the request unless the connection had others before. */
const REQUEST_LINE = /^[\w!#$%&'*+.^`|~-]{1,40} (\/\S{0,2000}) HTTP\/1\.[01]\r?\n/;

interface ParserError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

/**
 * Handles HTTP that Node cannot parse (both CL and TE, wrong framing, headers too large or too slow, methods that it does not know): one
 * response, then the connection is closed.
 *
 * @param methodsAt the methods of a path, for Allow
 */
export function handleClientError(table: RefusalTable, methodsAt: (path: string) => readonly string[]) {
  return (error: ParserError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    // Node reports this once for each request. Ignored here: an upload has its own timeout.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isUploading(socket)) return;
    const path = pathOfPacket(error.rawPacket);
    const code = codeOf(error, path);
    const problem = problemDocument(
      table,
      code,
      {},
      { language: 'en', requestId: randomUUID(), instance: instanceOf(path ?? '/') },
    );
    const allow = code === 'METHOD_NOT_ALLOWED' && path !== undefined ? methodsAt(path) : [];
    const body = JSON.stringify(problem.body);
    socket.end(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
        `${allow.length > 0 ? `Allow: ${allow.join(', ')}\r\n` : ''}` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      () => socket.destroySoon(),
    );
  };

  function codeOf({ code = '' }: ParserError, path: string | undefined): ProblemCode {
    const problem = CODE_OF_ERROR.get(code) ?? 'VALIDATION_FAILED';
    if (problem !== 'METHOD_NOT_ALLOWED') return problem;
    // Bytes that are no request line are no request with a strange method.
    if (path === undefined) return 'VALIDATION_FAILED';
    return methodsAt(path).length > 0 ? problem : 'NOT_FOUND';
  }
}

function pathOfPacket(packet: unknown): string | undefined {
  const [, url] = REQUEST_LINE.exec(packet instanceof Buffer ? packet.toString('latin1') : '') ?? [];
  return url === undefined ? undefined : pathOf(url);
}
