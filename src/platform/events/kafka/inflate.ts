import zlib from 'node:zlib';
import { compressionsAlgorithms } from '@platformatic/kafka';

/** Thrown before more than the limit is in memory. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Zstandard decoders keep this much of what they have written; producers use 8 MiB at most, unless configured otherwise. */
const ZSTD_WINDOW_LOG_MAX = 25;
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/**
 * Inflates the records of a batch to at most `bytesMax`. The client of Kafka has no such limit, and a megabyte of gzip can hold a gigabyte.
 * @param compression the bits of the batch's attributes: 1 gzip, 2 snappy, 3 lz4, 4 zstd
 * @throws TooLarge, and any other error for data that is not valid
 */
export function inflate(compression: number, data: Buffer, bytesMax: number): Buffer {
  try {
    switch (compression) {
      case 1:
        return zlib.gunzipSync(data, { maxOutputLength: bytesMax });
      case 2:
        assertFits(snappyBytes(data), bytesMax);
        return compressionsAlgorithms.snappy.decompressSync(data);
      case 3:
        assertFits(lz4Bytes(data), bytesMax);
        return compressionsAlgorithms.lz4.decompressSync(data);
      case 4:
        return zlib.zstdDecompressSync(data, {
          maxOutputLength: bytesMax,
          params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
        });
      default:
        throw new Error(`compression ${compression} is not known`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      assertFits(Number.POSITIVE_INFINITY, bytesMax);
    throw error;
  }
}

function assertFits(bytes: number, bytesMax: number): void {
  if (bytes > bytesMax) throw new TooLarge(`inflates to more than ${bytesMax} bytes`);
}

/** A block states its size; the Java clients frame several blocks. */
function snappyBytes(data: Buffer): number {
  if (!data.subarray(0, XERIAL.length).equals(XERIAL)) return varint(data);
  let bytes = 0;
  for (let at = XERIAL_HEADER_BYTES; at < data.length; ) {
    const length = data.readUInt32BE(at);
    bytes += varint(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return bytes;
}

function varint(data: Buffer): number {
  let value = 0;
  for (let at = 0; at < 5; at++) {
    const byte = data.readUInt8(at);
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return value;
  }
  throw new Error('a length of snappy is not valid');
}

/** Counts what the sequences of each block write, since a frame need not state its size. */
function lz4Bytes(data: Buffer): number {
  const flags = data.readUInt8(4);
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let bytes = 0;
  for (;;) {
    const size = data.readUInt32LE(at);
    at += 4;
    if (size === 0) break;
    const length = size & 0x7fff_ffff;
    const isStored = size > 0x7fff_ffff;
    bytes += isStored ? length : lz4BlockBytes(data.subarray(at, at + length));
    at += length + ((flags & 0x10) === 0 ? 0 : 4);
  }
  at += (flags & 0x04) === 0 ? 0 : 4;
  // A second frame would be inflated, too, without having been counted.
  if (at !== data.length) throw new Error('an lz4 frame does not end where its batch ends');
  return bytes;
}

function lz4BlockBytes(block: Buffer): number {
  let bytes = 0;
  let at = 0;
  const lengthOf = (first: number): number => {
    if (first < 15) return first;
    let length = first;
    for (;;) {
      const more = block.readUInt8(at++);
      length += more;
      if (more < 255) return length;
    }
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = lengthOf(token >> 4);
    at += literals;
    bytes += literals;
    if (at >= block.length) break;
    at += 2;
    bytes += 4 + lengthOf(token & 15);
  }
  return bytes;
}
