import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelCredentials, Client, connectivityState, Metadata, type ServiceError } from '@grpc/grpc-js';
import { Unavailable } from '../kernel/refusal.ts';
import { currentCall } from './call-context.ts';
import { encodeWith, type MethodContract, pathOf, type ServiceApi, type ServiceContract } from './contract.ts';
import { deadlineFrom } from './deadlines.ts';
import { isKeyInUse, isLost, toError } from './failures.ts';
import { KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS, MESSAGE_BYTES_MAX } from './limits.ts';

/** The waits before a command is sent again: long enough for a new connection, and below a second together. */
const RETRY_AFTER_MS = [100, 200, 400];
/** Between two looks whether a command that was sent before has ended. */
const OWN_KEY_MS = 200;

export interface DialOptions {
  /** host:port. */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  /** The name that the certificate of the service must have. Absent: that of the address. */
  readonly serverName?: string;
  /** How long a call may take. Default: CALL_MS. */
  readonly callMs?: number;
}

export interface Dialled {
  /** The API of the context for one caller. `token`: returns what names the caller. It is called for each call, so it should be cheap. */
  apiFor(token: () => string): ServiceApi;
  /** Rejects when no connection is made within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  close(): void;
}

/**
 * Connects to a context in another process. A call has the results and refusals of a local one. It rejects with Unavailable when
 * the service cannot be reached or its response is not known, with what the context threw for its caller (Unavailable, KeyInUse), and with
 * an Error for what nobody foresaw. A call with an idempotency key is repeated, three times within a second, while its connection is lost.
 */
export function dial(contract: ServiceContract, { address, credentials, serverName, callMs }: DialOptions): Dialled {
  const client = new Client(address, credentials, {
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.keepalive_permit_without_calls': 1,
    // By default it waits up to 120 s before it connects to a service that is back.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.use_local_subchannel_pool': 1,
    ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
  });
  return {
    apiFor: (token) =>
      Object.fromEntries(
        Object.entries(contract.methods).map(([name, method]) => [
          name,
          callerOf(client, pathOf(contract, method), method, token, callMs),
        ]),
      ),
    ping: (timeoutMs) =>
      new Promise((resolve, reject) => {
        // Looking at the state of an idle channel makes it connect.
        if (client.getChannel().getConnectivityState(true) === connectivityState.READY) return resolve();
        client.waitForReady(Date.now() + timeoutMs, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => client.close(),
  };
}

function callerOf(client: Client, path: string, method: MethodContract, token: () => string, callMs?: number) {
  const encode = (request: unknown) => encodeWith(method.requestType, request);
  const decode = (bytes: Buffer) => method.responseType.decode(bytes);

  const once = (request: unknown, deadline: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, encode, decode, request, metadataOf(token()), { deadline }, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });

  return async (request: object): Promise<unknown> => {
    const deadline = deadlineFrom(Date.now(), callMs);
    let losses = 0;
    for (;;) {
      try {
        return await once(request, deadline);
      } catch (thrown) {
        const error = thrown as ServiceError;
        // The key is in use by this command itself, whose connection was lost: its outcome is not known yet.
        const meetsItself = losses > 0 && isKeyInUse(error);
        let waitMs = meetsItself ? OWN_KEY_MS : undefined;
        if (isLost(error) && hasKey(request)) waitMs = RETRY_AFTER_MS[losses++];
        if (waitMs !== undefined && Date.now() + waitMs < deadline) {
          await sleep(waitMs);
          continue;
        }
        if (!meetsItself) throw toError(error, path);
        throw new Unavailable('DEPENDENCY_UNAVAILABLE', `${path}: the outcome is not known yet`, 1, { cause: error });
      }
    }
  };
}

/** A command with a key has one effect however often it arrives. Others are repeated by those who know that they may. */
const hasKey = (request: object): boolean => 'commandKey' in request && request.commandKey !== undefined;

function metadataOf(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const call = currentCall();
  if (call === undefined) return metadata;
  metadata.set('x-request-id', call.requestId);
  if (call.traceparent !== undefined) metadata.set('traceparent', call.traceparent);
  return metadata;
}
