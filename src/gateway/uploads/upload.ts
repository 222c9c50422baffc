import { createHash, type Hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { pipeline, type Readable, Transform } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Accepts CSV as a stream; every other route responds with 415. */
    upload?: boolean;
  }
}

export const UPLOAD_BYTES_MAX = 100 * 1024 * 1024;
/** A body that brings less than this in a window is cut, however long the whole upload may take: 1 kB a second. */
const WINDOW_MS = 10_000;
const WINDOW_BYTES_MIN = 10 * 1024;
/** How often it is looked whether this side reads. */
const LOOKS_A_WINDOW = 4;
/** Lines that a job stores in one part. */
const PART_LINES = 10_000;
/** Characters of a line that a job stores. No id and no code is that long. */
const LINE_CHARS_MAX = 200;
const CSV_TYPE = /^text\/csv *(?:; *(?:charset="?utf-8"?|header=(?:present|absent)))*$/i;

/** Sockets with an upload: the timeout of ordinary requests does not apply to them. */
const uploading = new WeakSet<Socket>();
export const isUploading = (socket: Socket): boolean => uploading.has(socket);

/** Passes CSV on as a stream, where the route accepts it. */
export function acceptCsv(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('text/csv', (request, payload, done) => {
    const taken = request.routeOptions.config.upload === true && CSV_TYPE.test(request.headers['content-type'] ?? '');
    done(taken ? null : new ProblemError('UNSUPPORTED_MEDIA_TYPE'), payload);
  });
}

/**
 * Reads an uploaded CSV and passes its first column on, 10,000 lines at a time; the next lines are read when `take` has resolved. A
 * first line that equals one of `headers` and blank lines are skipped.
 * Returns the SHA-256 of the whole file, unpacked, in hex.
 * Thrown: UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, VALIDATION_FAILED, REQUEST_TIMEOUT, and what `take` throws.
 */
export async function readUpload(
  request: FastifyRequest,
  headers: readonly string[],
  take: (part: number, lines: string[]) => Promise<void>,
): Promise<string> {
  if (request.routeOptions.config.upload !== true || !isReadable(request.body)) {
    throw new ProblemError('UNSUPPORTED_MEDIA_TYPE');
  }
  const { socket } = request.raw;
  uploading.add(socket);
  let part = 0;
  let lines: string[] = [];
  let isFirst = true;
  const hash = createHash('sha256');
  try {
    for await (const [cell = ''] of records(request.body, hash)) {
      if (isFirst && headers.includes(cell.toLowerCase().replaceAll(/[\s_-]/g, ''))) {
        isFirst = false;
        continue;
      }
      isFirst = false;
      lines.push(storable(cell));
      if (lines.length < PART_LINES) continue;
      await take(part++, lines);
      lines = [];
    }
    if (lines.length > 0) await take(part, lines);
    return hash.digest('hex');
  } finally {
    uploading.delete(socket);
  }
}

const isReadable = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';

/** Parses the rows of a CSV leniently: an invalid row is reported for that row by its consumer. */
async function* records(body: Readable, hash: Hash): AsyncGenerator<readonly string[]> {
  const parser = parse({
    bom: true,
    trim: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: 10_000,
  });
  // Errors of any of the three end the iteration below.
  pipeline(body, bounded(body, hash), parser, () => {});
  try {
    for await (const record of parser) yield record as string[];
  } catch (error) {
    throw error instanceof CsvError ? malformed(parser.info.lines) : error;
  }
}

const malformed = (line: number): ProblemError => {
  const message = `is not CSV at line ${line}`;
  return new ProblemError('VALIDATION_FAILED', { errors: [{ field: '', code: 'MALFORMED_CSV', message }] });
};

/** Passes inflated bytes on, and into the hash, up to the limit. Ends a body that arrives too slowly: a byte a second, or none. */
export function bounded(body: Readable, hash: Hash): Transform {
  let bytes = 0;
  let bytesBefore = 0;
  let wasPaused = false;
  let looks = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes > UPLOAD_BYTES_MAX) done(new ProblemError('PAYLOAD_TOO_LARGE'));
      else done(null, chunk);
    },
  });
  const timer = setInterval(() => {
    // A window in which this side did not read says nothing about the client.
    wasPaused ||= body.isPaused();
    looks += 1;
    if (looks % LOOKS_A_WINDOW > 0) return;
    if (!wasPaused && bytes - bytesBefore < WINDOW_BYTES_MIN) through.destroy(new ProblemError('REQUEST_TIMEOUT'));
    bytesBefore = bytes;
    wasPaused = false;
  }, WINDOW_MS / LOOKS_A_WINDOW);
  through.once('close', () => clearInterval(timer));
  return through;
}

/** Makes text storable in PostgreSQL, on one line: other bytes become U+FFFD. */
const storable = (cell: string): string =>
  cut(cell)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '\ufffd');

/** Copies the string: a slice would keep the whole source string in memory. */
const cut = (cell: string): string =>
  cell.length <= LINE_CHARS_MAX ? cell : Buffer.from(cell, 'utf16le').toString('utf16le', 0, 2 * LINE_CHARS_MAX);
