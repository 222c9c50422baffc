import { isAscii, isUtf8 } from 'node:buffer';
import { cp949Decoder } from './cp949.ts';

/** Enough to recognize UTF-16 without a byte order mark. */
const SAMPLE_BYTES = 1_024;
/** How many bytes from the first that is not ASCII decide between UTF-8 and CP949: a single syllable may be valid as either. */
const DECIDING_BYTES = 1_024;
/** Parts of a UTF-8 character that the end of a part may cut off. */
const CUT_BYTES_MAX = 3;

/** Converts the next part of a file. `isLast`: no more follows. */
type Decode = (bytes: Buffer, isLast: boolean) => Buffer;

/**
 * Converts a file of UTF-8, UTF-16 or CP949 to UTF-8. What it is follows from its byte order mark, or else from its content. Bytes that
 * are no character become U+FFFD, in UTF-8 when they are decoded.
 */
export async function* toUtf8(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let decode: Decode | undefined;
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    if (decode === undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length < SAMPLE_BYTES) continue;
      decode = decoderOf(head);
      yield decode(head, false);
    } else yield decode(chunk, false);
  }
  if (decode === undefined) yield decoderOf(head)(head, true);
  else yield decode(Buffer.alloc(0), true);
}

function decoderOf(sample: Buffer): Decode {
  if (isUtf16(sample, 'le')) return utf16('utf-16le');
  if (isUtf16(sample, 'be')) return utf16('utf-16be');
  return utf8OrCp949();
}

/** Of the bytes that are zero in ASCII. Delimiters and line ends are ASCII in any language; a stray zero is not UTF-16. */
const ZERO_SHARE_MIN = 1 / 16;

/** By its byte order mark, or by the zero in each ASCII character. */
function isUtf16(sample: Buffer, order: 'le' | 'be'): boolean {
  const [low, high] = order === 'le' ? [0, 1] : [1, 0];
  if (sample[low] === 0xff && sample[high] === 0xfe) return true;
  const zeros = [0, 0];
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  return zeros[low] === 0 && (zeros[high] ?? 0) > (sample.length / 2) * ZERO_SHARE_MIN;
}

function utf16(encoding: 'utf-16le' | 'utf-16be'): Decode {
  const decoder = new TextDecoder(encoding);
  return (bytes, isLast) => Buffer.from(decoder.decode(bytes, { stream: !isLast }));
}

/** ASCII is passed on unchanged until the first other bytes decide. */
function utf8OrCp949(): Decode {
  let decode: Decode | undefined;
  let held: Buffer = Buffer.alloc(0);
  return (bytes, isLast) => {
    if (decode !== undefined) return decode(bytes, isLast);
    if (held.length === 0 && isAscii(bytes)) return bytes;
    held = Buffer.concat([held, bytes]);
    const from = held.findIndex((byte) => byte >= 0x80);
    if (!isLast && held.length - from < DECIDING_BYTES) return Buffer.alloc(0);
    decode = isUtf8Start(held, isLast) ? (part) => part : cp949();
    return decode(held, isLast);
  };
}

function isUtf8Start(bytes: Buffer, isWhole: boolean): boolean {
  if (isUtf8(bytes)) return true;
  if (isWhole) return false;
  return Array.from({ length: CUT_BYTES_MAX }, (_, index) => index + 1).some((cut) => isUtf8(bytes.subarray(0, -cut)));
}

function cp949(): Decode {
  const decoder = cp949Decoder();
  return (bytes) => Buffer.from(decoder(bytes));
}
