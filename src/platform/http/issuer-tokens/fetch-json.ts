import { request } from 'undici';

/** A whole exchange may take this long. */
const TIMEOUT_MS = 5_000;
const BYTES_MAX = 256 * 1024;

/**
 * Reads a JSON document of an issuer. Follows no redirect: the operator has stated where it is.
 * @throws Error when it takes longer than 5 s, has more than 256 kB, is no JSON, or the status is not 200; and what undici throws
 */
export async function fetchJson(url: string, timeoutMs = TIMEOUT_MS): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { statusCode, body } = await request(url, { headers: { accept: 'application/json' }, signal });
  if (statusCode !== 200) {
    // Destroying a body that nothing reads would be an error that nothing handles.
    await body.dump({ limit: BYTES_MAX, signal }).catch(() => {});
    throw new Error(`${url} responded with status ${statusCode}`);
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop closes the connection, so that no more is read than is kept.
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BYTES_MAX) throw new Error(`${url} has more than ${BYTES_MAX} bytes`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}
