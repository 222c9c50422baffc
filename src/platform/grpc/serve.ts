import { randomUUID } from 'node:crypto';
import {
  type handleUnaryCall,
  type Metadata,
  Server,
  type ServerCredentials,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import { type CallContext, runInCall } from './call-context.ts';
import { encodeWith, type MethodContract, pathOf, type ServiceApi, type ServiceContract } from './contract.ts';
import { toStatus } from './failures.ts';
import { KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS, MESSAGE_BYTES_MAX } from './limits.ts';

/** What a process serves to others. */
export interface ServedContext {
  readonly contract: ServiceContract;
  readonly api: object;
}

export interface ServeOptions {
  readonly services: readonly ServedContext[];
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly credentials: ServerCredentials;
  /** Returns why the caller may not call the method; undefined when it may. */
  readonly denies: (caller: Caller, path: string) => Denial | undefined;
  readonly log: Logger;
}

/** What a call says about who makes it. */
export interface Caller {
  readonly token: string | undefined;
  /** The names in the certificate of its connection. Undefined: the connection is not encrypted. */
  readonly names: readonly string[] | undefined;
}

export interface Denial {
  readonly code: 'UNAUTHENTICATED' | 'PERMISSION_DENIED';
  readonly reason: string;
}

export interface GrpcServer {
  readonly port: number;
  /** Stops accepting calls and tells the clients (GOAWAY). Resolves when the calls in flight have ended, after `timeoutMs` at the latest. */
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Serves contexts to other processes. Nothing but a health check is answered without a token, and there is no reflection.
 * Rejects when it cannot listen.
 */
export async function serveGrpc(options: ServeOptions): Promise<GrpcServer> {
  const server = new Server({
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  });
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  for (const service of options.services) {
    add(server, service, options);
    health.setStatus(service.contract.fullName, 'SERVING');
  }
  const port = await new Promise<number>((resolve, reject) => {
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    server.bindAsync(`${host}:${options.port}`, options.credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    async stop(timeoutMs) {
      for (const { contract } of options.services) health.setStatus(contract.fullName, 'NOT_SERVING');
      health.setStatus('', 'NOT_SERVING');
      const cut = setTimeout(() => server.forceShutdown(), timeoutMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(cut);
    },
  };
}

function add(server: Server, { contract, api }: ServedContext, { denies, log }: ServeOptions): void {
  const handlers: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(contract.methods)) {
    const operation = (api as ServiceApi)[name];
    if (operation === undefined) throw new Error(`${contract.fullName} has no ${name} in its API`);
    handlers[name] = handlerOf(pathOf(contract, method), operation, denies, log);
  }
  const methods = Object.entries(contract.methods).map(([name, method]) => [name, definitionOf(contract, method)]);
  server.addService(Object.fromEntries(methods), handlers);
}

const definitionOf = (contract: ServiceContract, method: MethodContract) => ({
  path: pathOf(contract, method),
  requestStream: false,
  responseStream: false,
  requestSerialize: (request: unknown) => encodeWith(method.requestType, request),
  requestDeserialize: (bytes: Buffer) => method.requestType.decode(bytes),
  responseSerialize: (response: unknown) => encodeWith(method.responseType, response),
  responseDeserialize: (bytes: Buffer) => method.responseType.decode(bytes),
});

function handlerOf(
  path: string,
  operation: ServiceApi[string],
  denies: ServeOptions['denies'],
  log: Logger,
): handleUnaryCall<unknown, unknown> {
  return (call, respond) => {
    const denial = denies({ token: bearerOf(call.metadata), names: namesIn(call) }, path);
    if (denial !== undefined) {
      log.warn({ method: path, reason: denial.reason }, 'a call was denied');
      respond({ code: status[denial.code], details: denial.reason });
      return;
    }
    const context = contextOf(call);
    // An operation may throw before it returns its promise.
    const outcome = runInCall(context, async () => operation(call.request as never));
    outcome.then(
      (response) => respond(null, response),
      (error: unknown) => {
        const failed = toStatus(error);
        const line = { err: error, method: path, requestId: context.requestId, ...traceOf(context) };
        if (failed.code === status.INTERNAL) log.error(line, 'unforeseen');
        else log.warn(line, 'a call failed');
        respond(failed);
      },
    );
  };
}

/** Of the certificate, which was checked against the authority before the first call. */
function namesIn(call: ServerUnaryCall<unknown, unknown>): readonly string[] | undefined {
  const context = call.getAuthContext();
  if (context?.transportSecurityType === undefined) return undefined;
  const text = context.sslPeerCertificate?.subjectaltname ?? '';
  return text.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice('DNS:'.length)] : []));
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;

function contextOf(call: ServerUnaryCall<unknown, unknown>): CallContext {
  const requestId = first(call.metadata, 'x-request-id');
  const deadline = call.getDeadline();
  const deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return {
    requestId: requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : randomUUID(),
    traceparent: first(call.metadata, 'traceparent'),
    deadlineMs: Number.isFinite(deadlineMs) ? deadlineMs : undefined,
  };
}

const traceOf = ({ traceparent }: CallContext) => (traceparent === undefined ? {} : { traceparent });

const first = (metadata: Metadata, name: string): string | undefined => metadata.get(name)[0]?.toString();

const bearerOf = (metadata: Metadata): string | undefined =>
  /^Bearer (\S+)$/.exec(first(metadata, 'authorization') ?? '')?.[1];
