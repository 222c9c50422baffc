/** One HTTP/1.1 response. `body` is decoded as latin1: codes and ids are ASCII, and nothing else is read. */
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
  /** From Retry-After in seconds; undefined without one. */
  readonly retryAfterMs: number | undefined;
  /** The server closes the connection after this response. */
  readonly closes: boolean;
}

/** No response to a request of the rush is larger; the reader throws instead of buffering one. */
const RESPONSE_BYTES_MAX = 64 * 1024;
const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)\r/i;
const RETRY_AFTER = /\r\nretry-after: *(\d+)\r/i;
/** A response with this status has no body, and no content-length. */
const NO_CONTENT = 204;
const CLOSES = /\r\nconnection: *close\r/i;

/**
 * Reads the responses of one connection with one pending request at a time. Returns undefined until the response is complete. Throws
 * when the bytes are no HTTP/1.1 response with a content-length, or more than `bytesMax`.
 */
export function responseReader(bytesMax = RESPONSE_BYTES_MAX): (chunk: Buffer) => HttpResponse | undefined {
  let pending = '';
  return (chunk) => {
    const text = pending === '' ? chunk.toString('latin1') : pending + chunk.toString('latin1');
    if (text.length > bytesMax) throw new Error('the response is too large');
    const headEnd = text.indexOf(HEAD_END);
    const response = headEnd < 0 ? undefined : parse(text, headEnd);
    pending = response === undefined ? text : '';
    return response;
  };
}

function parse(text: string, headEnd: number): HttpResponse | undefined {
  const head = text.slice(0, headEnd + 2);
  const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
  const length = status === NO_CONTENT ? '0' : CONTENT_LENGTH.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 ') || !(status >= 200) || length === undefined)
    throw new Error('not an HTTP/1.1 response with a content-length');
  const bodyStart = headEnd + HEAD_END.length;
  const missing = bodyStart + Number(length) - text.length;
  if (missing > 0) return undefined;
  if (missing < 0) throw new Error('bytes after the response');
  const retryAfter = RETRY_AFTER.exec(head)?.[1];
  return {
    status,
    body: text.slice(bodyStart),
    retryAfterMs: retryAfter === undefined ? undefined : Number(retryAfter) * 1000,
    closes: CLOSES.test(head),
  };
}
