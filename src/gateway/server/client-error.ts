import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { PROBLEM_TYPE, problemDocument } from '../problems/problem.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import { isUploading } from '../uploads/upload.ts';

const CODE_OF_ERROR: ReadonlyMap<string, ProblemCode> = new Map([
  ['HPE_HEADER_OVERFLOW', 'HEADERS_TOO_LARGE'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'REQUEST_TIMEOUT'],
]);

/**
 * Handles HTTP that Node cannot parse (both CL and TE, wrong framing, headers too large or too slow): one response, then the
 * connection is closed.
 */
export function handleClientError(table: RefusalTable) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    // Node reports this once for each request. Ignored here: an upload has its own timeout.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isUploading(socket)) return;
    const code = CODE_OF_ERROR.get(error.code ?? '') ?? 'VALIDATION_FAILED';
    const problem = problemDocument(table, code, {}, { language: 'en', requestId: randomUUID(), instance: '/' });
    const body = JSON.stringify(problem.body);
    socket.end(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      () => socket.destroySoon(),
    );
  };
}
