import { execFileSync } from 'node:child_process';
import { createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient as createConnectClient } from '@connectrpc/connect';
import { connectNodeAdapter, createGrpcTransport } from '@connectrpc/connect-node';
import { Client, credentials, Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import fastify from 'fastify';
import { createChannel, createClient, createServer as createNiceServer } from 'nice-grpc';
import { pino } from 'pino';
import { Pool } from 'undici';
import type { ExecuteRequest, ExecuteResponse } from '../../src/gen/wire/stampede/calls/v1/calls.ts';
import { Coupon, CouponServiceDefinition } from '../../src/gen/wire/stampede/coupon/v1/coupon.ts';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { EXECUTE, MESSAGE_CALLS_MAX } from '../../src/platform/grpc/batch-contract.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { serveGrpc } from '../../src/platform/grpc/serve.ts';
import { serviceTokens } from '../../src/platform/grpc/service-tokens.ts';

/** One way to make the same unary call, `CouponService/IssueCoupon`, with the same messages. */
export interface Transport {
  readonly name: string;
  /** Serves the call on a free port of 127.0.0.1, and returns the port. */
  serve(): Promise<number>;
  /** Connects. The function makes one call, for this user. */
  dial(port: number): (userId: bigint) => Promise<void>;
}

const ISSUED = new Date('2026-01-02T03:04:05.678Z');
const COMMAND_KEY = {
  scope: 'user:1 post__api_v1_coupon-policies_{policyId}_issue',
  key: '6f1c0b7e-3d8e-4d0f-9f55-0d5f6f0a1b2c',
  requestHash: new Uint8Array(32).fill(7),
};
const requestOf = (userId: bigint) => ({ policyId: 312_345_678_901_234_567n, userId, commandKey: COMMAND_KEY });

const { issueCoupon } = CouponServiceDefinition.methods;
const METHOD = `/${CouponServiceDefinition.fullName}/${issueCoupon.name}`;
type Request = ReturnType<typeof issueCoupon.requestType.decode>;
type Response = ReturnType<typeof issueCoupon.responseType.decode>;

/** As it is returned for a new coupon. */
const respond = ({ policyId, userId }: Request): Response => ({
  outcome: {
    $case: 'coupon',
    value: {
      ...Coupon.decode(new Uint8Array()),
      id: 412_345_678_901_234_567n,
      policyId,
      userId,
      sequenceNo: 4_711,
      status: 'ISSUED',
      issuedAt: ISSUED,
      expiresAt: ISSUED,
    },
  },
  replayed: undefined,
});

/** grpc-js writes only a Buffer. */
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function assertIssued(userId: bigint, issuedTo: bigint | undefined): void {
  if (issuedTo !== userId) throw new Error(`a coupon of ${issuedTo} was returned to ${userId}`);
}

const grpcJs: Transport = {
  name: 'grpc-js',
  async serve() {
    const server = new Server();
    const service: ServiceDefinition = {
      issueCoupon: {
        path: METHOD,
        requestStream: false,
        responseStream: false,
        requestSerialize: (request: Request) => toBuffer(issueCoupon.requestType.encode(request).finish()),
        requestDeserialize: (bytes) => issueCoupon.requestType.decode(bytes),
        responseSerialize: (response: Response) => toBuffer(issueCoupon.responseType.encode(response).finish()),
        responseDeserialize: (bytes) => issueCoupon.responseType.decode(bytes),
      },
    };
    server.addService(service, {
      issueCoupon: (call: { request: Request }, callback: (error: null, response: Response) => void) =>
        callback(null, respond(call.request)),
    });
    return new Promise((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
  },
  dial(port) {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    return (userId) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          METHOD,
          (request: Request) => toBuffer(issueCoupon.requestType.encode(request).finish()),
          (bytes) => issueCoupon.responseType.decode(bytes),
          requestOf(userId),
          { deadline: Date.now() + 10_000 },
          (error, response) => {
            if (error || response?.outcome?.$case !== 'coupon') return reject(error ?? new Error('no coupon'));
            assertIssued(userId, response.outcome.value.userId);
            resolve();
          },
        );
      });
  },
};

const niceGrpc: Transport = {
  name: 'nice-grpc',
  async serve() {
    const server = createNiceServer();
    server.add({ ...CouponServiceDefinition, methods: { issueCoupon } }, { issueCoupon: async (it) => respond(it) });
    return server.listen('127.0.0.1:0');
  },
  dial(port) {
    const definition = { ...CouponServiceDefinition, methods: { issueCoupon } };
    const client = createClient(definition, createChannel(`127.0.0.1:${port}`));
    return async (userId) => {
      const { outcome } = await client.issueCoupon(requestOf(userId));
      assertIssued(userId, outcome?.$case === 'coupon' ? outcome.value.userId : undefined);
    };
  },
};

/** With the messages of @bufbuild/protobuf, on which Connect is built: from descriptors, as its generated code has them, too. */
function couponService() {
  const image = execFileSync(join(import.meta.dirname, '../../node_modules/.bin/buf'), ['build', '-o', '-'], {
    cwd: join(import.meta.dirname, '../..'),
  });
  const service = createFileRegistry(fromBinary(FileDescriptorSetSchema, image)).getService(
    CouponServiceDefinition.fullName,
  );
  if (service === undefined) throw new Error(`${CouponServiceDefinition.fullName} is not in proto/`);
  return service;
}

function connectResponse({ policyId, userId }: Pick<Request, 'policyId' | 'userId'>): unknown {
  const coupon = { id: 412_345_678_901_234_567n, policyId, userId, sequenceNo: 4_711, status: 'ISSUED' };
  return { outcome: { case: 'coupon', value: { ...coupon, issuedAt: TIMESTAMP, expiresAt: TIMESTAMP } } };
}
const TIMESTAMP = { seconds: BigInt(Math.floor(ISSUED.getTime() / 1_000)), nanos: 678_000_000 };
interface ConnectClient {
  issueCoupon(request: unknown): Promise<{ readonly outcome: { readonly value: { readonly userId: bigint } } }>;
}

const connect: Transport = {
  name: 'connect',
  async serve() {
    const service = couponService();
    const handler = connectNodeAdapter({
      routes: (router) => router.service(service, { issueCoupon: connectResponse } as never),
      connect: false,
      grpcWeb: false,
    });
    const server = createHttp2(handler).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  },
  dial(port) {
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
    const client = createConnectClient(couponService(), transport) as unknown as ConnectClient;
    return async (userId) => {
      const response = await client.issueCoupon(requestOf(userId));
      assertIssued(userId, response.outcome.value.userId);
    };
  },
};

/** As src/platform/grpc serves and calls it: with tokens, deadlines and request ids. */
const ofStampede = (name: string, batched: readonly string[]): Transport => ({
  name,
  async serve() {
    const others = Object.keys(CouponServiceDefinition.methods).map((method) => [method, () => Promise.reject(method)]);
    const { port } = await serveGrpc({
      services: [
        {
          contract: CouponServiceDefinition,
          api: { ...Object.fromEntries(others), issueCoupon: async (request: Request) => respond(request) },
        },
      ],
      host: '127.0.0.1',
      port: 0,
      credentials: ServerCredentials.createInsecure(),
      isMutual: false,
      isPrincipal: () => true,
      denies: ({ token }, path) =>
        tokens.callerOf(token ?? '', 'coupon') === undefined ? { code: 'UNAUTHENTICATED', reason: path } : undefined,
      log: pino({ level: 'silent' }),
    });
    return port;
  },
  dial(port) {
    const { apiFor } = dial(CouponServiceDefinition, {
      addresses: staticAddresses([`127.0.0.1:${port}`]),
      credentials: credentials.createInsecure(),
      batched,
    });
    const api = apiFor({ token: tokens.signer('gateway', 'coupon') }) as unknown as {
      issueCoupon(request: Request): Promise<Response>;
    };
    return async (userId) => {
      const { outcome } = await api.issueCoupon(requestOf(userId));
      assertIssued(userId, outcome?.$case === 'coupon' ? outcome.value.userId : undefined);
    };
  },
});
const tokens = serviceTokens(['a secret of the bench'], { now: Date.now, times: () => [Date.now()] });

/**
 * The other form of batches: one unary call for the calls of a turn, which returns when all of them have ended. The same messages as the
 * stream has.
 */
const unaryBatches: Transport = {
  name: 'unary batches',
  async serve() {
    const server = new Server();
    const execute = ({ request }: { request: ExecuteRequest }, callback: (e: null, r: ExecuteResponse) => void) => {
      const outcomes = request.calls.map((call) => {
        const response = respond(issueCoupon.requestType.decode(call.request));
        const value = issueCoupon.responseType.encode(response).finish();
        return { id: call.id, result: { $case: 'response' as const, value } };
      });
      callback(null, { outcomes, draining: false });
    };
    server.addService({ execute: { ...EXECUTE, requestStream: false, responseStream: false } }, { execute });
    return new Promise((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
  },
  dial(port) {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const waiting: { request: Request; resolve: (it: Response) => void; reject: (error: unknown) => void }[] = [];
    const send = (): void => {
      const batch = waiting.splice(0, MESSAGE_CALLS_MAX);
      if (waiting.length > 0) setImmediate(send);
      const calls = batch.map(({ request }, id) => {
        return { id, method: 0, request: issueCoupon.requestType.encode(request).finish(), timeoutMs: 10_000 };
      });
      client.makeUnaryRequest(
        EXECUTE.path,
        EXECUTE.requestSerialize,
        EXECUTE.responseDeserialize,
        { token: '', methods: [METHOD], calls },
        { deadline: Date.now() + 10_000 },
        (error, response) => {
          for (const [index, { resolve, reject }] of batch.entries()) {
            const result = response?.outcomes[index]?.result;
            if (result?.$case === 'response') resolve(issueCoupon.responseType.decode(result.value));
            else reject(error ?? new Error('no outcome'));
          }
        },
      );
    };
    return async (userId) => {
      const { outcome } = await new Promise<Response>((resolve, reject) => {
        if (waiting.push({ request: requestOf(userId), resolve, reject }) === 1) setImmediate(send);
      });
      assertIssued(userId, outcome?.$case === 'coupon' ? outcome.value.userId : undefined);
    };
  },
};

/** REST: the same fields as JSON over HTTP/1.1 with connections that are kept, as the usual clients and servers do it. */
const json: Transport = {
  name: 'HTTP, JSON',
  async serve() {
    const server = fastify({ logger: false });
    server.post('/issue', async (request) => {
      const { policyId, userId } = request.body as { policyId: string; userId: string };
      const { outcome } = respond({ policyId: BigInt(policyId), userId: BigInt(userId), commandKey: undefined });
      const { value } = outcome as { value: Coupon };
      return { ...value, id: String(value.id), policyId: String(value.policyId), userId: String(value.userId) };
    });
    await server.listen({ host: '127.0.0.1', port: 0 });
    return (server.server.address() as AddressInfo).port;
  },
  dial(port) {
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 });
    const commandKey = { ...COMMAND_KEY, requestHash: Buffer.from(COMMAND_KEY.requestHash).toString('base64') };
    return async (userId) => {
      const request = { policyId: String(requestOf(userId).policyId), userId: String(userId), commandKey };
      const { body } = await pool.request({
        path: '/issue',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      });
      assertIssued(userId, BigInt(((await body.json()) as { userId: string }).userId));
    };
  },
};

/** The first is what the others are compared with. */
export const TRANSPORTS: readonly Transport[] = [
  grpcJs,
  niceGrpc,
  connect,
  ofStampede('each call alone', []),
  ofStampede('stream of batches', ['issueCoupon']),
  unaryBatches,
  json,
];
