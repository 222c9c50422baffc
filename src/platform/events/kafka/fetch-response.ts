import { crc32c, Reader, type RecordsBatch, ResponseError, readRecordsBatch } from '@platformatic/kafka';
import { inflate } from './inflate.ts';
import type { AbortedTransaction } from './read-committed.ts';

/** Of one batch. Producers write 16 kB to 1 MB, so this is one of 32 times the usual limit of a broker. */
export const INFLATED_BYTES_MAX = 32 * 1024 * 1024;
/** Of one batch: a record takes some 300 bytes of memory, however short it is. */
export const BATCH_RECORDS_MAX = 100_000;
/** After this much inflated of one response the rest of it is fetched again. */
const RESPONSE_BYTES_MAX = INFLATED_BYTES_MAX;

/** firstOffset int64, length int32; then up to the records: epoch, magic, checksum, attributes, offsets, times, producer, count. */
const LENGTH_AT = 8;
const AFTER_LENGTH = 12;
const CHECKSUM_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const COUNT_AT = 57;
const HEAD_BYTES = 61;
const COMPRESSION = 7;

/** A batch that is not read, with the reason; it has no records. */
export type FetchedBatch = RecordsBatch & { readonly refused?: string };

export interface FetchedPartition {
  readonly partitionIndex: number;
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly records: readonly FetchedBatch[];
}

export interface FetchResponse {
  readonly responses: readonly { readonly topicId: string; readonly partitions: readonly FetchedPartition[] }[];
}

/**
 * Reads a Fetch response of version 12, as the parser of the client does, but inflates no more than a limit: what is behind that in the
 * response is left for the next fetch. A batch that alone exceeds it is returned without records.
 * @throws ResponseError of the client with the error of each partition, an Error for a batch that was changed on its way
 */
export function parseFetchResponse(_id: number, apiKey: number, apiVersion: number, reader: Reader): FetchResponse {
  const errors: [string, [number, null]][] = [];
  const report = (path: string, code: number): void => {
    if (code !== 0) errors.push([path, [code, null]]);
  };
  reader.readInt32(); // the time that the broker held the response back
  report('/', reader.readInt16());
  reader.readInt32(); // the session
  let bytesLeft = RESPONSE_BYTES_MAX;
  const responses = reader.readArray((r, topic) => ({
    topicId: r.readString(),
    partitions: r.readArray((_r, index) => {
      const partitionIndex = r.readInt32();
      report(`/responses/${topic}/partitions/${index}`, r.readInt16());
      r.skip(3 * 8); // the high watermark, the last stable offset, the first offset of the log
      const abortedTransactions = r.readNullableArray(() => ({
        producerId: r.readInt64(),
        firstOffset: r.readInt64(),
      }));
      r.readInt32(); // the preferred replica
      const size = Math.max(0, r.readUnsignedVarInt() - 1);
      const read = readBatches(Buffer.from(r.buffer.slice(r.position, r.position + size)), bytesLeft);
      bytesLeft -= read.inflatedBytes;
      r.skip(size);
      return { partitionIndex, abortedTransactions, records: read.batches };
    }),
  }));
  reader.readTaggedFields();
  const response: FetchResponse = { responses };
  if (errors.length > 0) throw new ResponseError(apiKey, apiVersion, Object.fromEntries(errors), response);
  return response;
}

function readBatches(data: Buffer, bytesLeft: number): { batches: FetchedBatch[]; inflatedBytes: number } {
  const batches: FetchedBatch[] = [];
  let inflatedBytes = 0;
  for (let at = 0; data.length - at >= HEAD_BYTES && inflatedBytes < bytesLeft; ) {
    const end = at + AFTER_LENGTH + data.readInt32BE(at + LENGTH_AT);
    // A broker ends a response in the middle of a batch.
    if (end > data.length) break;
    const { batch, bytes } = readBatch(data.subarray(at, end));
    batches.push(batch);
    inflatedBytes += bytes;
    at = end;
  }
  return { batches, inflatedBytes };
}

function readBatch(data: Buffer): { batch: FetchedBatch; bytes: number } {
  const compression = data.readInt16BE(ATTRIBUTES_AT) & COMPRESSION;
  if (compression === 0) return { batch: readRecordsBatch(Reader.from(data)), bytes: 0 };
  const head = Buffer.from(data.subarray(0, HEAD_BYTES));
  head.writeInt16BE(data.readInt16BE(ATTRIBUTES_AT) & ~COMPRESSION, ATTRIBUTES_AT);
  try {
    const count = data.readInt32BE(COUNT_AT);
    if (count > BATCH_RECORDS_MAX) throw new Error(`has more than ${BATCH_RECORDS_MAX} records`);
    const records = inflate(compression, data.subarray(HEAD_BYTES), INFLATED_BYTES_MAX);
    head.writeInt32BE(HEAD_BYTES - AFTER_LENGTH + records.length, LENGTH_AT);
    return { batch: readRecordsBatch(Reader.from(Buffer.concat([head, records]))), bytes: records.length };
  } catch (error) {
    // A batch that arrived changed is fetched again. One that is stored like this would never be anything else.
    if (crc32c(data.subarray(ATTRIBUTES_AT)) !== data.readUInt32BE(CHECKSUM_AT)) throw error;
    return { batch: refusedBatch(head, error), bytes: INFLATED_BYTES_MAX };
  }
}

function refusedBatch(head: Buffer, error: unknown): FetchedBatch {
  head.writeInt32BE(0, COUNT_AT);
  const batch = readRecordsBatch(Reader.from(head));
  const first = batch.firstOffset;
  const last = first + BigInt(head.readInt32BE(LAST_OFFSET_DELTA_AT));
  const why = error instanceof Error ? error.message : String(error);
  return { ...batch, refused: `the batch of the offsets ${first} to ${last} was not read: it ${why}` };
}
