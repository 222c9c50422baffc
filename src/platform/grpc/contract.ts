import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Principal } from '../kernel/contract.ts';

/** Encodes and decodes one message; generated. */
export interface MessageCoder {
  encode(message: never, writer?: BinaryWriter): BinaryWriter;
  decode(bytes: Uint8Array): unknown;
}

/** A unary method, as src/gen/wire declares it. */
export interface MethodContract {
  readonly name: string;
  readonly requestType: MessageCoder;
  readonly responseType: MessageCoder;
  readonly requestStream: false;
  readonly responseStream: false;
}

/** A method with a stream of messages in both directions, as src/gen/wire declares it. */
export interface StreamContract {
  readonly name: string;
  readonly requestType: MessageCoder;
  readonly responseType: MessageCoder;
  readonly requestStream: true;
  readonly responseStream: true;
}

/** One side of such a stream. It emits `data` for each message, `end`, `error` and `close`. */
export interface MessageStream {
  readonly writableEnded: boolean;
  /** Messages that wait to be written. */
  readonly writableLength: number;
  write(message: unknown): boolean;
  end(): unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
}

/** A service, as src/gen/wire declares it: its methods by their names in the API of its context. */
export interface ServiceContract {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodContract>>;
}

/** The operations of a context. Every one is in its contract, so all of them can be called from another process. */
export type ServiceApi = Readonly<Record<string, (request: never) => Promise<unknown>>>;

/** The path of a method in requests, such as `/stampede.coupon.v1.CouponService/IssueCoupon`. */
export const pathOf = (
  { fullName }: Pick<ServiceContract, 'fullName'>,
  { name }: MethodContract | StreamContract,
): string => `/${fullName}/${name}`;

/** A writer that has encoded a larger message is not used again, so that its memory is freed. */
const KEPT_BYTES_MAX = 64 * 1_024;
let writer: BinaryWriter | undefined;

/** Returns a copy that shares no memory with other messages. grpc-js writes a Buffer only. */
export function encodeWith({ encode }: MessageCoder, message: unknown): Buffer {
  // A new writer for each message allocates outside of V8's heap and grows by copying.
  const used = writer ?? new BinaryWriter();
  // When encoding throws, the writer has a part of the message, so it is not used again.
  writer = undefined;
  const bytes = encode(message as never, used).finish();
  if (bytes.byteLength <= KEPT_BYTES_MAX) writer = used;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The metadata by which the gateway names the principal of a unary call. */
export const PRINCIPAL_HEADER = 'x-stampede-principal';

/** The authenticated user for whom a request is made. Every contract names it `principal`. */
export const principalIn = (request: unknown): Principal | undefined =>
  (request as { readonly principal?: Principal | undefined }).principal;
