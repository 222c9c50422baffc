import { expect, test } from 'vitest';
import { responseReader } from './response-reader.ts';

const RESPONSE =
  'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\nretry-after: 2\r\nconnection: close\r\n\r\nabcde';

test('a response is read the same wherever its bytes are split', () => {
  for (let cut = 1; cut < RESPONSE.length; cut++) {
    const read = responseReader();
    expect(read(Buffer.from(RESPONSE.slice(0, cut)))).toBeUndefined();
    expect(read(Buffer.from(RESPONSE.slice(cut)))).toEqual({
      status: 503,
      body: 'abcde',
      retryAfterMs: 2_000,
      closes: true,
    });
  }
});

test('the next response on the connection is read separately', () => {
  const read = responseReader();
  read(Buffer.from(RESPONSE));
  const next = read(Buffer.from('HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n'));
  expect(next).toEqual({ status: 201, body: '', retryAfterMs: undefined, closes: false });
});

test('a response without content ends with its head', () => {
  const read = responseReader();
  const response = read(Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'));
  expect(response).toEqual({ status: 204, body: '', retryAfterMs: undefined, closes: false });
});

test('a content-length in the body is ignored', () => {
  const read = responseReader();
  expect(() => read(Buffer.from('HTTP/1.1 200 OK\r\n\r\nx\r\ncontent-length: 1\r\n'))).toThrow(
    'not an HTTP/1.1 response',
  );
});

test.each([
  ['more than was announced', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab'],
  ['something else than HTTP', 'SSH-2.0-x\r\n\r\n'],
  ['an answer without end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}`],
])('the response reader refuses %s', (_what, bytes) => {
  expect(() => responseReader()(Buffer.from(bytes))).toThrow();
});
