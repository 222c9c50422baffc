import { createHash, type Hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { pipeline, type Readable, Transform } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem.ts';
import { type Columns, type Row, rowReader } from './columns.ts';
import { findDelimiter } from './delimiter.ts';
import { toUtf8 } from './encoding.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Accepts a file of this kind as a stream; every other route responds with 415. */
    upload?: 'csv' | 'image' | undefined;
  }
}

const UPLOAD_BYTES_MAX = 100 * 1024 * 1024;
/** A body that brings less than this in a window is cut, however long the whole upload may take. */
export interface Pace {
  readonly windowMs: number;
  readonly bytesMin: number;
}
/** 1 kB a second. */
const PACE: Pace = { windowMs: 10_000, bytesMin: 10 * 1024 };
/** How often it is looked whether this side reads. */
const LOOKS_A_WINDOW = 4;
/** Lines that a job stores in one part. */
const PART_LINES = 10_000;
/** Characters of a line that a job stores. No id and no code is that long. */
const LINE_CHARS_MAX = 200;
/** Of the status after a value. */
const STATUS_CHARS_MAX = 20;
/** The encodings that `toUtf8` recognizes. The content decides, because many clients state a wrong one. */
const CHARSETS = 'utf-8|utf-16(?:le|be)?|euc-kr|cp949|ms949|windows-949|ks_c_5601-1987';
const CSV_TYPE = new RegExp(`^text/csv *(?:; *(?:charset="?(?:${CHARSETS})"?|header=(?:present|absent)))*$`, 'i');

/** Sockets with an upload: the timeout of ordinary requests does not apply to them. */
const uploading = new WeakSet<Socket>();
export const isUploading = (socket: Socket): boolean => uploading.has(socket);

/** Passes CSV on as a stream, where the route accepts it. */
export function acceptCsv(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('text/csv', (request, payload, done) => {
    const taken = request.routeOptions.config.upload === 'csv' && CSV_TYPE.test(request.headers['content-type'] ?? '');
    done(taken ? null : new ProblemError('UNSUPPORTED_MEDIA_TYPE'), payload);
  });
}

/**
 * Reads an uploaded CSV in UTF-8, UTF-16 or CP949, separated by commas, semicolons or tabs, and passes one column on, 10,000 lines at a
 * time; the next lines are read when `take` has resolved. A row with a status other than FREE is passed on as value, tab and status.
 * A header and blank lines are skipped.
 * Returns the SHA-256 of the whole file, unpacked, in hex.
 * Thrown: UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, VALIDATION_FAILED, REQUEST_TIMEOUT, and what `take` throws.
 */
export async function readUpload(
  request: FastifyRequest,
  columns: Columns,
  take: (part: number, lines: string[]) => Promise<void>,
): Promise<string> {
  if (request.routeOptions.config.upload !== 'csv' || !isReadable(request.body)) {
    throw new ProblemError('UNSUPPORTED_MEDIA_TYPE');
  }
  const { body } = request;
  let part = 0;
  let lines: string[] = [];
  let record = 0;
  const hash = createHash('sha256');
  const rowOf = rowReader(columns);
  return await whileUploading(request, async () => {
    for await (const cells of records(body, hash)) {
      const row = rowOf(cells, ++record);
      if (row === undefined) continue;
      lines.push(lineOf(row));
      if (lines.length < PART_LINES) continue;
      await take(part++, lines);
      lines = [];
    }
    if (lines.length > 0) await take(part, lines);
    return hash.digest('hex');
  });
}

/** Reads the body of a request without the timeout of ordinary requests. */
export async function whileUploading<T>({ raw }: FastifyRequest, read: () => Promise<T>): Promise<T> {
  const { socket } = raw;
  // A connection that ends after the upload was refused is reported when no stream of `read` listens any more: it must not end the process.
  raw.on('error', ignoreLateError);
  uploading.add(socket);
  try {
    return await read();
  } finally {
    uploading.delete(socket);
  }
}

const ignoreLateError = (): void => {};

/** The status that a row without one has, too. */
const FREE = 'FREE';

function lineOf({ value, status }: Row): string {
  const state = status.toUpperCase();
  if (state === '' || state === FREE) return storable(value, LINE_CHARS_MAX);
  return `${storable(value, LINE_CHARS_MAX - STATUS_CHARS_MAX - 1)}\t${storable(state, STATUS_CHARS_MAX)}`;
}

export const isReadable = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';

/** Parses the rows of a CSV leniently: an invalid row is reported for that row by its consumer. */
async function* records(body: Readable, hash: Hash): AsyncGenerator<readonly string[]> {
  const bytes = bounded(body, UPLOAD_BYTES_MAX, (chunk) => void hash.update(chunk));
  // Its errors, and those of the pipeline below, end the iteration.
  pipeline(body, bytes, () => {});
  const { delimiter, chunks } = await findDelimiter(toUtf8(bytes));
  const parser = parse({
    bom: true,
    delimiter,
    trim: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: 10_000,
  });
  pipeline(chunks, parser, () => {});
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

/**
 * Passes inflated bytes on, and to `observe`, up to the limit: PAYLOAD_TOO_LARGE. Ends a body that arrives too slowly, a byte a second or none:
 * REQUEST_TIMEOUT.
 */
export function bounded(
  body: Readable,
  bytesMax: number,
  observe: (chunk: Buffer) => void = () => {},
  { windowMs, bytesMin }: Pace = PACE,
): Transform {
  let bytes = 0;
  let bytesBefore = 0;
  let wasPaused = false;
  let looks = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      observe(chunk);
      if (bytes > bytesMax) done(new ProblemError('PAYLOAD_TOO_LARGE'));
      else done(null, chunk);
    },
  });
  const timer = setInterval(() => {
    // A window in which this side did not read says nothing about the client.
    wasPaused ||= body.isPaused();
    looks += 1;
    if (looks % LOOKS_A_WINDOW > 0) return;
    if (!wasPaused && bytes - bytesBefore < bytesMin) through.destroy(new ProblemError('REQUEST_TIMEOUT'));
    bytesBefore = bytes;
    wasPaused = false;
  }, windowMs / LOOKS_A_WINDOW);
  through.once('close', () => clearInterval(timer));
  return through;
}

/** Makes text storable in PostgreSQL, on one line: other bytes become U+FFFD. Longer text ends with an ellipsis, so it is no code. */
const storable = (cell: string, charsMax: number): string =>
  cut(cell, charsMax)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '\ufffd');

/** Copies the string: a slice would keep the whole source string in memory. */
const cut = (cell: string, charsMax: number): string =>
  cell.length <= charsMax ? cell : `${Buffer.from(cell, 'utf16le').toString('utf16le', 0, 2 * (charsMax - 1))}…`;
