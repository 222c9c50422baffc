import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { Unavailable } from '../kernel/refusal.ts';
import { type CallGuard, NO_GUARD } from './breaker.ts';
import { currentCall } from './call-context.ts';
import {
  encodeWith,
  type MessageStream,
  type MethodContract,
  PRINCIPAL_HEADER,
  pathOf,
  principalIn,
  type ServiceApi,
  type ServiceContract,
  type StreamContract,
} from './contract.ts';
import { deadlineFrom, isTimeSpent } from './deadlines.ts';
import { type BatchedCalls, batchedCalls } from './dial-batches.ts';
import { isKeyInUse, isLost, mayWorkElsewhere, toError } from './failures.ts';
import { connectInstances, type Instance, type Instances, type InstancesOptions } from './instances.ts';
import type { SignPrincipal } from './principal-tokens.ts';
import { callRetries } from './retries.ts';

/** How a stream ends that either side closed. */
const STREAM_ENDS: ReadonlySet<status> = new Set([status.OK, status.CANCELLED]);

export interface DialOptions extends InstancesOptions {
  /** Absent: every call is made. */
  readonly guard?: CallGuard;
  /** How long a call may take. Default: CALL_MS. */
  readonly callMs?: number;
  /** The methods whose calls share messages. Default none. */
  readonly batched?: readonly string[];
  /** Called with the number of calls of each message that they share. */
  readonly onMessage?: (calls: number) => void;
}

/** What a caller shows with its calls. */
export interface CallerTokens {
  /** Returns what names the calling service. It is called for each call, so it should be cheap. */
  readonly token: () => string;
  /** Of the gateway: names the principal of a request. Others pass on what the gateway has signed. */
  readonly signPrincipal?: SignPrincipal | undefined;
}

export interface Dialled {
  /** The API of the context for one caller. */
  apiFor(caller: CallerTokens): ServiceApi;
  /** Opens a stream to an instance; undefined when none is known. It ends with `close`, and with `error` before it when it was lost. */
  openStream(path: string, contract: StreamContract, token: () => string): MessageStream | undefined;
  /** Rejects when no connection is made within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  instances(): ReturnType<Instances['count']>;
  close(): void;
}

/**
 * Connects to the instances of a context in other processes. A call has the results and refusals of a local one. It rejects with Unavailable
 * when no instance can be reached or its response is not known, with what the context threw for its caller (Unavailable, KeyInUse), and with
 * an Error for every unexpected failure. A call with an idempotency key is repeated, three times within a second, while its connection is lost:
 * on another instance where there is one. When its instance fails it, it goes to another that works, once.
 *
 * A call without a key is not repeated, also not when nothing of it was sent: grpc-js knows that, but does not report it (it removes
 * `progress` from the status), and a text such as "No connection established" may come from a proxy as well.
 */
export function dial(
  contract: ServiceContract,
  { guard = NO_GUARD, callMs, batched = [], onMessage, ...options }: DialOptions,
): Dialled {
  const instances = connectInstances(options);
  return {
    apiFor({ token, signPrincipal }) {
      const tokenOf = (request: unknown) => principalTokenOf(request, signPrincipal);
      const together = new WeakMap<Instance, BatchedCalls>();
      return Object.fromEntries(
        Object.entries(contract.methods).map(([name, method]) => {
          const path = pathOf(contract, method);
          const alone = unaryCall(path, method, { token, tokenOf });
          const once = batched.includes(name)
            ? batchedCall(together, path, method, { token, tokenOf, alone, onMessage })
            : alone;
          return [name, callerOf({ instances, guard, callMs }, { path, method: method.name, once })];
        }),
      );
    },
    openStream(path, { requestType, responseType }, token) {
      const assigned = instances.acquire();
      if (assigned === undefined) return undefined;
      const stream = assigned.instance.client.makeBidiStreamRequest(
        path,
        (message: unknown) => encodeWith(requestType, message),
        (bytes: Buffer) => responseType.decode(bytes),
        metadataOf(token(), undefined),
      );
      stream.once('status', ({ code }: StatusObject) => assigned.end(STREAM_ENDS.has(code) ? 'unknown' : 'failed'));
      return stream;
    },
    ping: (timeoutMs) => instances.ping(timeoutMs),
    instances: () => instances.count(),
    close() {
      guard.close();
      instances.close();
    },
  };
}

/** One attempt of a call. Rejects with a ServiceError. */
type Attempt = (instance: Instance, request: unknown, deadline: number) => Promise<unknown>;

interface Tokens {
  readonly token: () => string;
  /** Returns what names the principal in the request. Undefined: it has none, or it is not known. */
  readonly tokenOf: (request: unknown) => string | undefined;
}

function unaryCall(path: string, method: MethodContract, { token, tokenOf }: Tokens): Attempt {
  const encode = (request: unknown) => encodeWith(method.requestType, request);
  const decode = (bytes: Buffer) => method.responseType.decode(bytes);
  return ({ client }, request, deadline) =>
    new Promise((resolve, reject) => {
      const metadata = metadataOf(token(), tokenOf(request));
      client.makeUnaryRequest(path, encode, decode, request, metadata, { deadline }, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
}

interface Alternative extends Tokens {
  /** For a service of an earlier version, which knows no messages with several calls. */
  readonly alone: Attempt;
  readonly onMessage: ((calls: number) => void) | undefined;
}

/** `together`: of one caller, for all methods. */
function batchedCall(
  together: WeakMap<Instance, BatchedCalls>,
  path: string,
  { requestType, responseType }: MethodContract,
  { token, tokenOf, alone, onMessage }: Alternative,
): Attempt {
  const callsOf = (instance: Instance): BatchedCalls => {
    const existing = together.get(instance);
    if (existing !== undefined) return existing;
    const calls = batchedCalls(instance.client, token, onMessage);
    together.set(instance, calls);
    instance.onClose(calls.close);
    return calls;
  };
  return async (instance, request, deadline) => {
    try {
      const call = { path, request: encodeWith(requestType, request), principalToken: tokenOf(request) };
      return responseType.decode(await callsOf(instance).call(call, deadline));
    } catch (error) {
      if ((error as ServiceError).code === status.UNIMPLEMENTED) return await alone(instance, request, deadline);
      throw error;
    }
  };
}

interface Callable {
  readonly path: string;
  /** Its name in the contract. */
  readonly method: string;
  readonly once: Attempt;
}

interface Caller {
  readonly instances: Instances;
  readonly guard: CallGuard;
  readonly callMs: number | undefined;
}

function callerOf({ instances, guard, callMs }: Caller, { path, method, once }: Callable) {
  const call = async (request: object): Promise<unknown> => {
    const deadline = deadlineFrom(Date.now(), callMs);
    const retries = callRetries(instances, hasKey(request), deadline);
    let assigned = instances.acquire();
    for (;;) {
      if (assigned === undefined) throw new Unavailable('DEPENDENCY_UNAVAILABLE', `${path}: no instance is known`);
      const { instance } = assigned;
      try {
        const response = await once(instance, request, deadline);
        assigned.end('answered');
        return response;
      } catch (thrown) {
        const error = thrown as ServiceError;
        assigned.end(endOf(error));
        const next = await retries.after(error, instance.address);
        if (next !== undefined) assigned = next.assigned;
        else if (!retries.meetsItself(error)) throw error;
        else
          throw new Unavailable('DEPENDENCY_UNAVAILABLE', `${path}: the outcome is not known yet`, 1, { cause: error });
      }
    }
  };
  return async (request: object): Promise<unknown> => {
    // Not a call of the guard: that its time was spent elsewhere says nothing about the context.
    if (isTimeSpent(Date.now())) throw new Unavailable('DEPENDENCY_UNAVAILABLE', `${path}: no time is left for it`, 1);
    try {
      return await guard.run(method, () => call(request));
    } catch (error) {
      throw error instanceof Unavailable ? error : toError(error as ServiceError, path);
    }
  };
}

/** What a failed call says about its instance. */
function endOf(error: ServiceError): 'failed' | 'answered' | 'unknown' {
  if (isLost(error) || mayWorkElsewhere(error)) return 'failed';
  return isKeyInUse(error) ? 'answered' : 'unknown';
}

/** A command with a key has one effect however often it arrives. Others are repeated by those who know that they may. */
const hasKey = (request: object): boolean => 'commandKey' in request && request.commandKey !== undefined;

function principalTokenOf(request: unknown, sign: SignPrincipal | undefined): string | undefined {
  const principal = principalIn(request);
  return principal && (sign?.(principal) ?? currentCall()?.principalToken);
}

function metadataOf(token: string, principalToken: string | undefined): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  if (principalToken !== undefined) metadata.set(PRINCIPAL_HEADER, principalToken);
  const call = currentCall();
  if (call === undefined) return metadata;
  metadata.set('x-request-id', call.requestId);
  if (call.traceparent !== undefined) metadata.set('traceparent', call.traceparent);
  return metadata;
}
