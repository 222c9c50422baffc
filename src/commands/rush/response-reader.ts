/** One HTTP/1.1 answer. `body` is decoded as latin1: codes and ids are ASCII, and nothing else of it is read. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** From Retry-After in seconds; undefined without one. */
  readonly retryAfterMs: number | undefined;
  /** The server closes the connection after this answer. */
  readonly closes: boolean;
}

/** Larger answers are not ours; a reader that meets one gives up instead of collecting it. */
const ANSWER_BYTES_MAX = 64 * 1024;
const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)\r/i;
const RETRY_AFTER = /\r\nretry-after: *(\d+)\r/i;
const CLOSES = /\r\nconnection: *close\r/i;

/**
 * Reads the answers of one connection with one request under way at a time. Takes what arrives and answers undefined until
 * the answer is complete. Throws when the bytes are not an HTTP/1.1 answer with a content-length.
 */
export function responseReader(): (chunk: Buffer) => HttpAnswer | undefined {
  let pending = '';
  return (chunk) => {
    const text = pending === '' ? chunk.toString('latin1') : pending + chunk.toString('latin1');
    if (text.length > ANSWER_BYTES_MAX) throw new Error('answer too large');
    const headEnd = text.indexOf(HEAD_END);
    const answer = headEnd < 0 ? undefined : parse(text, headEnd);
    pending = answer === undefined ? text : '';
    return answer;
  };
}

function parse(text: string, headEnd: number): HttpAnswer | undefined {
  const head = text.slice(0, headEnd + 2);
  const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
  const length = CONTENT_LENGTH.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 ') || !(status >= 200) || length === undefined) throw new Error('not an answer');
  const bodyStart = headEnd + HEAD_END.length;
  const missing = bodyStart + Number(length) - text.length;
  if (missing > 0) return undefined;
  if (missing < 0) throw new Error('bytes after the answer');
  const retryAfter = RETRY_AFTER.exec(head)?.[1];
  return {
    status,
    body: text.slice(bodyStart),
    retryAfterMs: retryAfter === undefined ? undefined : Number(retryAfter) * 1000,
    closes: CLOSES.test(head),
  };
}
