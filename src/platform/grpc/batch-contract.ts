import { BinaryReader } from '@bufbuild/protobuf/wire';
import { CallServiceDefinition, ExecuteRequest, ExecuteResponse } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { encodeWith } from './contract.ts';

/** A message takes no more calls, so that the first of them is not encoded long before the last. As many as a batch of a context. */
export const MESSAGE_CALLS_MAX = 256;
/** A message with several calls or outcomes is at most as large, in bytes. */
export const MESSAGE_SHARED_BYTES_MAX = 512 * 1024;
/** A message with calls is at most as large, in bytes, with the ids, traces and tokens of its calls. A larger request is a unary call. */
export const REQUESTS_BYTES_MAX = 1024 * 1024;
/** The path of a method, in bytes. */
const PATH_BYTES_MAX = 256;
/** How often each field that this version does not know may occur in a message. */
const OTHER_PARTS_MAX = 16;
/** Fields that this version does not know are counted together, under a number that no field has. */
const OTHERS = 0;

/** How often a field may occur, and how large it may be. Numbers of fields are those of the contract. */
type FieldLimits = Readonly<Record<number, { readonly count: number; readonly bytes?: number }>>;

const REQUEST_LIMITS: FieldLimits = {
  2: { count: MESSAGE_CALLS_MAX, bytes: PATH_BYTES_MAX },
  3: { count: MESSAGE_CALLS_MAX },
};

/**
 * Decodes a message with calls.
 * @throws Error before anything is decoded when it has more than 256 calls or methods, a longer path, or more than 1 MiB
 */
export function decodeRequests(bytes: Uint8Array): ExecuteRequest {
  if (bytes.length > REQUESTS_BYTES_MAX) throw new Error(`a message of ${bytes.length} bytes with calls`);
  checkParts(bytes, REQUEST_LIMITS);
  return ExecuteRequest.decode(bytes);
}

/**
 * Decodes a message with outcomes. There are no more of them than calls wait for one.
 * @throws Error before anything is decoded when it has more than `outcomesMax` outcomes
 */
export function decodeOutcomes(bytes: Uint8Array, outcomesMax: number): ExecuteResponse {
  checkParts(bytes, { 1: { count: outcomesMax } });
  return ExecuteResponse.decode(bytes);
}

/**
 * Decoding makes an object of every part, and a part takes two bytes: a message of 4 MB with 2 million empty calls took 16 s and 1 GB. So the
 * parts are counted first, up to the first one too many.
 */
function checkParts(bytes: Uint8Array, limits: FieldLimits): void {
  const reader = new BinaryReader(bytes);
  const counts = new Map<number, number>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const from = reader.pos;
    reader.skip(wireType, field);
    const limit = limits[field];
    const key = limit === undefined ? OTHERS : field;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > (limit?.count ?? OTHER_PARTS_MAX)) throw new Error(`a message with ${count} parts of field ${field}`);
    if (reader.pos - from > (limit?.bytes ?? bytes.length)) throw new Error(`too large a part of field ${field}`);
  }
}

/** The stream that carries calls of unary methods, many in one message. */
export const EXECUTE = {
  path: `/${CallServiceDefinition.fullName}/${CallServiceDefinition.methods.execute.name}`,
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: ExecuteRequest) => encodeWith(ExecuteRequest, message),
  requestDeserialize: (bytes: Buffer): ExecuteRequest => decodeRequests(bytes),
  responseSerialize: (message: ExecuteResponse) => encodeWith(ExecuteResponse, message),
  responseDeserialize: (bytes: Buffer): ExecuteResponse => decodeOutcomes(bytes, MESSAGE_CALLS_MAX),
} as const;

/** Counts what one message takes. */
export interface Room {
  /** Takes a part of so many bytes. Returns false when the message has no room; the first part always fits. */
  take(bytes: number): boolean;
}

export function roomOfMessage(partsMax: number): Room {
  let parts = 0;
  let bytes = 0;
  return {
    take(more) {
      if (parts > 0 && (parts >= partsMax || bytes + more > MESSAGE_SHARED_BYTES_MAX)) return false;
      parts += 1;
      bytes += more;
      return true;
    },
  };
}
