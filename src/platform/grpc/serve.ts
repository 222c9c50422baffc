import { randomUUID } from 'node:crypto';
import {
  type handleUnaryCall,
  type Metadata,
  Server,
  type ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import type { Call } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { hostPort } from '../kernel/host-port.ts';
import { type Outage, outageLog } from '../telemetry/outage-log.ts';
import { EXECUTE } from './batch-contract.ts';
import { type CallContext, runInCall } from './call-context.ts';
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
import { type Status, toStatus, toTrailers, UnknownPrincipal } from './failures.ts';
import { KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS, MESSAGE_BYTES_MAX, STREAMS_MAX } from './limits.ts';
import type { IsPrincipal } from './principal-tokens.ts';
import { type BatchedMethod, batchStreams } from './serve-batches.ts';

/** What a process serves to others. */
export interface ServedContext {
  readonly contract: ServiceContract;
  readonly api: object;
}

/** A stream that a process serves to others. */
export interface ServedStream {
  readonly path: string;
  readonly contract: StreamContract;
  /** Called for each stream that a caller opens. The stream has `data`, `end` and `close`, and `write`. */
  readonly handle: (stream: MessageStream) => void;
}

export interface ServeOptions {
  readonly services: readonly ServedContext[];
  readonly streams?: readonly ServedStream[];
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly credentials: ServerCredentials;
  /** Does every connection show a certificate? Then `denies` gets its names, and none when it has none. */
  readonly isMutual: boolean;
  /** Returns why the caller may not call the method; undefined when it may. */
  readonly denies: (caller: Caller, path: string) => Denial | undefined;
  /** Checks the principal of a request, which the gateway has to have named. */
  readonly isPrincipal: IsPrincipal;
  readonly log: Logger;
}

/** What a call says about who makes it. */
export interface Caller {
  readonly token: string | undefined;
  /** The names in the certificate of its connection. Undefined: this server asks for no certificates. */
  readonly names: readonly string[] | undefined;
}

export interface Denial {
  /** UNAVAILABLE: the call may be repeated. */
  readonly code: 'UNAUTHENTICATED' | 'PERMISSION_DENIED' | 'UNAVAILABLE';
  readonly reason: string;
}

export interface GrpcServer {
  readonly port: number;
  /** Says to health checks that it will stop. Calls are served as before. */
  leave(): Promise<void>;
  /**
   * Waits for the calls in flight, then stops accepting calls and notifies the clients (GOAWAY). Resolves when all calls have ended, after
   * `timeoutMs` at the latest.
   */
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Serves contexts to other processes. Without a token only the health check has a response, and there is no reflection.
 * Rejects when it cannot listen.
 */
export async function serveGrpc(options: ServeOptions): Promise<GrpcServer> {
  const server = new Server({
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': STREAMS_MAX,
  });
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  const methods = new Map<string, ServedMethod>();
  const inFlight = new Set<Promise<void>>();
  const limited = { ...options, log: sparingly(options.log) };
  for (const service of options.services) {
    add(server, service, limited, { methods, inFlight });
    health.setStatus(service.contract.fullName, 'SERVING');
  }
  const batches = batchStreams((path) => methods.get(path), contextOfBatched);
  server.addService({ execute: EXECUTE }, { execute: batches.handle });
  const streams = new Set<MessageStream>();
  for (const each of options.streams ?? []) addStream(server, each, limited, streams);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(hostPort(options.host, options.port), options.credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const leave = async (): Promise<void> => {
    for (const { contract } of options.services) health.setStatus(contract.fullName, 'NOT_SERVING');
    health.setStatus('', 'NOT_SERVING');
  };
  return {
    port,
    leave,
    async stop(timeoutMs) {
      await leave();
      const timeUp = Promise.withResolvers<void>();
      const cut = setTimeout(() => {
        timeUp.resolve();
        server.forceShutdown();
      }, timeoutMs);
      for (const stream of streams) stream.end();
      // After a GOAWAY grpc-js takes its next keepalive probe for failed, on both sides, and cuts the calls in flight: so they end first.
      await Promise.race([Promise.all([...inFlight, batches.drain()]), timeUp.promise]);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(cut);
    },
  };
}

/** A method, however its call arrives. */
interface ServedMethod extends BatchedMethod {
  denies(token: string | undefined, call: AnyCall): Status | undefined;
}

type Limited = Omit<ServeOptions, 'log'> & { readonly log: DenialLog };

interface DenialLog extends Pick<Logger, 'warn' | 'error'> {
  /** Leaves out lines: a caller without a token writes as many as it likes. */
  denied(line: { readonly method: string; readonly reason: string }, message: string): void;
  /** Leaves out lines: while a dependency is away every call fails. Of each method one call a minute is logged. */
  readonly unavailable: Outage['failed'];
}

const DENIALS_PER_SECOND = 10;

function sparingly(log: Logger): DenialLog {
  let second = 0;
  let lines = 0;
  let leftOut = 0;
  return {
    warn: log.warn.bind(log),
    error: log.error.bind(log),
    unavailable: outageLog({ log, message: 'a call failed', subject: 'method' }).failed,
    denied(line, message) {
      const now = Math.floor(performance.now() / 1_000);
      if (now !== second) [second, lines] = [now, 0];
      if (lines >= DENIALS_PER_SECOND) {
        leftOut += 1;
        return;
      }
      lines += 1;
      log.warn(leftOut === 0 ? line : { ...line, leftOut }, message);
      leftOut = 0;
    },
  };
}

const deniedStatus = ({ code, reason }: Denial): Status => ({
  code: status[code],
  details: reason,
  ...(code === 'UNAVAILABLE' ? { metadata: toTrailers('DEPENDENCY_UNAVAILABLE', 1) } : {}),
});

/** What a call and a stream of calls have in common. */
type AnyCall = Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext'>;

function add(
  server: Server,
  { contract, api }: ServedContext,
  options: Limited,
  served: { readonly methods: Map<string, ServedMethod>; readonly inFlight: Set<Promise<void>> },
) {
  const handlers: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(contract.methods)) {
    const operation = (api as ServiceApi)[name];
    if (operation === undefined) throw new Error(`${contract.fullName} has no ${name} in its API`);
    const path = pathOf(contract, method);
    const one = servedMethod(path, method, operation, options);
    served.methods.set(path, one);
    handlers[name] = handlerOf(one, served.inFlight);
  }
  const methods = Object.entries(contract.methods).map(([name, method]) => [name, definitionOf(contract, method)]);
  server.addService(Object.fromEntries(methods), handlers);
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** A request is decoded after its token was checked: decoding a large one costs seconds. */
const definitionOf = (contract: ServiceContract, method: MethodContract) => ({
  path: pathOf(contract, method),
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

function addStream(
  server: Server,
  { path, contract: { requestType, responseType }, handle }: ServedStream,
  { denies, isMutual, log }: Limited,
  open: Set<MessageStream>,
): void {
  const definition = {
    path,
    requestStream: true as const,
    responseStream: true as const,
    requestSerialize: (message: unknown) => encodeWith(requestType, message),
    requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
    responseSerialize: (message: unknown) => encodeWith(responseType, message),
    responseDeserialize: (bytes: Buffer) => responseType.decode(bytes),
  };
  const stream = (call: ServerDuplexStream<unknown, unknown>): void => {
    const denial = denies({ token: bearerOf(call.metadata), names: namesIn(call, isMutual) }, path);
    if (denial !== undefined) {
      log.denied({ method: path, reason: denial.reason }, 'a stream was denied');
      call.emit('error', deniedStatus(denial));
      return;
    }
    open.add(call);
    for (const over of ['close', 'cancelled', 'error', 'finish'] as const) call.on(over, () => open.delete(call));
    handle(call);
  };
  server.addService({ stream: definition }, { stream });
}

function servedMethod(
  path: string,
  { requestType, responseType }: MethodContract,
  operation: ServiceApi[string],
  { denies, isMutual, isPrincipal, log }: Limited,
): ServedMethod {
  // An operation may throw before it returns its promise.
  const run = (request: unknown, context: CallContext) =>
    runInCall(context, async () => {
      const principal = principalIn(request);
      if (principal !== undefined && !isPrincipal(principal, context.principalToken ?? '')) {
        throw new UnknownPrincipal(`the gateway has not named the principal of ${path}`);
      }
      return await operation(request as never);
    });
  return {
    denies(token, call) {
      const denial = denies({ token, names: namesIn(call, isMutual) }, path);
      if (denial === undefined) return undefined;
      log.denied({ method: path, reason: denial.reason }, 'a call was denied');
      return deniedStatus(denial);
    },
    execute: async (request, context) => encodeWith(responseType, await run(requestType.decode(request), context)),
    failed(error, context) {
      const failed = toStatus(error);
      const about = { method: path, requestId: context.requestId, ...traceOf(context) };
      if (failed.code === status.INTERNAL) log.error({ err: error, ...about }, 'unforeseen');
      else if (failed.code === status.UNAVAILABLE) log.unavailable(error, about);
      else log.warn({ err: error, ...about }, 'a call failed');
      return failed;
    },
  };
}

const handlerOf =
  ({ denies, execute, failed }: ServedMethod, inFlight: Set<Promise<void>>): handleUnaryCall<Uint8Array, Uint8Array> =>
  (call, respond) => {
    const denial = denies(bearerOf(call.metadata), call);
    if (denial !== undefined) {
      respond(denial);
      return;
    }
    const context = contextOf(call);
    const ended = execute(call.request, context)
      .then(
        (response) => respond(null, response),
        (error: unknown) => respond(failed(error, context)),
      )
      .finally(() => inFlight.delete(ended));
    inFlight.add(ended);
  };

/** Of the certificate, which was checked against the authority before the first call. */
function namesIn(call: AnyCall, isMutual: boolean): readonly string[] | undefined {
  if (!isMutual) return undefined;
  // It says nothing of a connection that is closed already.
  const text = call.getAuthContext()?.sslPeerCertificate?.subjectaltname ?? '';
  return text.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice('DNS:'.length)] : []));
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;

function contextOf(call: ServerUnaryCall<unknown, unknown>): CallContext {
  const deadline = call.getDeadline();
  const deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return {
    requestId: requestIdOf(first(call.metadata, 'x-request-id')),
    traceparent: first(call.metadata, 'traceparent'),
    principalToken: first(call.metadata, PRINCIPAL_HEADER),
    deadlineMs: Number.isFinite(deadlineMs) ? deadlineMs : undefined,
  };
}

const contextOfBatched = ({ requestId, traceparent, principalToken, timeoutMs }: Call): CallContext => ({
  requestId: requestIdOf(requestId),
  traceparent,
  principalToken,
  deadlineMs: Date.now() + timeoutMs,
});

const requestIdOf = (given: string | undefined): string =>
  given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();

const traceOf = ({ traceparent }: CallContext) => (traceparent === undefined ? {} : { traceparent });

const first = (metadata: Metadata, name: string): string | undefined => metadata.get(name)[0]?.toString();

const bearerOf = (metadata: Metadata): string | undefined =>
  /^Bearer (\S+)$/.exec(first(metadata, 'authorization') ?? '')?.[1];
