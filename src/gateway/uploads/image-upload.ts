import { hash } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Unavailable } from '../../platform/kernel/refusal.ts';
import { isMachine, type Principal, principalKey } from '../auth/principal.ts';
import { networkOf } from '../limits/client-address.ts';
import { ProblemError } from '../problems/problem.ts';
import { bounded, isReadable, type Pace, whileUploading } from './upload.ts';
import type { UploadLimits, UploadPlaces } from './upload-places.ts';

export const IMAGE_BYTES_MAX = 5 * 1024 * 1024;
/** The name of the part with the image. */
export const IMAGE_FIELD = 'image';
/** Of boundaries and headers around the image. */
const FRAME_BYTES_MAX = 64 * 1024;
/** An image is small, and held in memory until it is complete: 64 kB a second, and the largest one in half a minute. */
const IMAGE_PACE: Pace = { windowMs: 5_000, bytesMin: 5 * 64 * 1024 };
const IMAGE_MS_MAX = 30_000;
/** Uploads that are read at the same time: 160 MB at most on a node. */
export const IMAGE_PLACES: UploadLimits = { ofUser: 2, ofAddress: 8, ofNode: 32 };
/** Without limits of users and addresses. */
export const UNSHARED_IMAGE_PLACES: UploadLimits = { ...IMAGE_PLACES, ofUser: Infinity, ofAddress: Infinity };
const RETRY_AFTER_SECONDS = 5;

/** An uploaded image, as it arrived: nothing of it was decoded. */
export interface UploadedImage {
  readonly content: Buffer;
  /** SHA-256 of the content, in hex. The boundary of a repeat differs, so this and not the body is what has to be equal. */
  readonly digest: string;
}

/** Passes a multipart body on as a stream, where the route accepts an image. */
export function acceptMultipart(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('multipart/form-data', (request, payload, done) => {
    done(request.routeOptions.config.upload === 'image' ? null : new ProblemError('UNSUPPORTED_MEDIA_TYPE'), payload);
  });
}

/** Reads the one image of a request. Thrown: UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, VALIDATION_FAILED, REQUEST_TIMEOUT, RATE_LIMITED, OVERLOADED. */
export type ReadImage = (principal: Principal, request: FastifyRequest) => Promise<UploadedImage>;

export function imageReader(places: UploadPlaces): ReadImage {
  return async (principal, request) => {
    const { body } = request;
    if (!isReadable(body)) throw new ProblemError('UNSUPPORTED_MEDIA_TYPE');
    const replaced = new AbortController();
    const read = partReader(body, request.headers['content-type'] ?? '', replaced.signal);
    const leave = places.take({
      user: principalKey(principal),
      isMachine: isMachine(principal),
      network: networkOf(request.ip),
      received: read.received,
      cut: () =>
        replaced.abort(new Unavailable('OVERLOADED', 'a slow upload made room for others', RETRY_AFTER_SECONDS)),
    });
    try {
      const content = await whileUploading(request, read.part);
      return { content, digest: hash('sha256', content, 'hex') };
    } finally {
      leave();
    }
  };
}

/** Reads when `part` is called, and counts what has arrived. */
function partReader(body: Readable, contentType: string, replaced: AbortSignal) {
  let bytes = 0;
  const observe = (chunk: Buffer): void => {
    bytes += chunk.length;
  };
  return { part: () => readPart(body, contentType, replaced, observe), received: () => bytes };
}

/** Returns the content of the only part, which is a file named `image`. What the part says about its name and type is not read. */
async function readPart(
  body: Readable,
  contentType: string,
  replaced: AbortSignal,
  observe: (chunk: Buffer) => void,
): Promise<Buffer> {
  const parser = parserOf(contentType);
  const bytes = bounded(body, IMAGE_BYTES_MAX + FRAME_BYTES_MAX, observe, IMAGE_PACE);
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let files = 0;
  parser.on('file', (field, file) => {
    files++;
    if (field !== IMAGE_FIELD || files > 1) reject(malformed());
    file.on('data', (chunk: Buffer) => chunks.push(chunk));
    file.on('limit', () => reject(new ProblemError('PAYLOAD_TOO_LARGE')));
    // A file whose end is missing; the pipeline reports the reason.
    file.on('error', () => {});
  });
  for (const limit of ['field', 'partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    parser.on(limit, () => reject(malformed()));
  }
  pipeline(body, bytes, parser, (error) => {
    // What is not a problem of the limits is a body that ends too early or has no parts.
    if (error) reject(error instanceof ProblemError ? error : malformed());
    else if (files === 0) reject(malformed());
    else resolve(Buffer.concat(chunks));
  });
  replaced.addEventListener('abort', () => reject(replaced.reason), { once: true });
  const timer = setTimeout(() => reject(new ProblemError('REQUEST_TIMEOUT')), IMAGE_MS_MAX);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    bytes.destroy();
  }
}

function parserOf(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { files: 1, fields: 0, parts: 1, fileSize: IMAGE_BYTES_MAX, headerPairs: 10 },
    });
  } catch {
    // No boundary, or a wrong one.
    throw malformed();
  }
}

const malformed = (): ProblemError =>
  new ProblemError('VALIDATION_FAILED', {
    errors: [
      {
        field: IMAGE_FIELD,
        code: 'MALFORMED_MULTIPART',
        message: `must be the one part of a multipart body, named ${IMAGE_FIELD}, with a file name`,
      },
    ],
  });
