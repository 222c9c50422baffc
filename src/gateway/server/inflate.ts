import { createGunzip } from 'node:zlib';
import type { preParsingHookHandler, RequestPayload } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

/**
 * Inflates gzipped bodies as a stream: Fastify counts the inflated bytes, so a zip bomb ends at the body limit (413)
 * and not in memory. Other encodings are 415.
 */
export const inflate: preParsingHookHandler = (request, _reply, payload, done) => {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return done(null, payload);
  if (encoding !== 'gzip') return done(new ProblemError('UNSUPPORTED_MEDIA_TYPE'));
  const gunzip = createGunzip() as ReturnType<typeof createGunzip> & { receivedEncodedLength: number };
  // What Fastify compares with Content-Length.
  gunzip.receivedEncodedLength = 0;
  payload.on('data', (chunk: Buffer) => {
    gunzip.receivedEncodedLength += chunk.length;
  });
  payload.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => payload.unpipe(gunzip));
  done(null, payload.pipe(gunzip) as unknown as RequestPayload);
};
