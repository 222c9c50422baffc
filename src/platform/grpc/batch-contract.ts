import { CallServiceDefinition, ExecuteRequest, ExecuteResponse } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { encodeWith } from './contract.ts';

/** A message takes no more calls, so that the first of them is not encoded long before the last. As many as a batch of a context. */
export const MESSAGE_CALLS_MAX = 256;
/** A message with several calls or outcomes is at most as large, in bytes. */
export const MESSAGE_SHARED_BYTES_MAX = 512 * 1024;

/** The stream that carries calls of unary methods, many in one message. */
export const EXECUTE = {
  path: `/${CallServiceDefinition.fullName}/${CallServiceDefinition.methods.execute.name}`,
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: ExecuteRequest) => encodeWith(ExecuteRequest, message),
  requestDeserialize: (bytes: Buffer): ExecuteRequest => ExecuteRequest.decode(bytes),
  responseSerialize: (message: ExecuteResponse) => encodeWith(ExecuteResponse, message),
  responseDeserialize: (bytes: Buffer): ExecuteResponse => ExecuteResponse.decode(bytes),
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
