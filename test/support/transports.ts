import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { credentials, ServerCredentials } from '@grpc/grpc-js';
import { pino } from 'pino';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import type { MethodContract, ServiceApi, ServiceContract } from '../../src/platform/grpc/contract.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { serveGrpc } from '../../src/platform/grpc/serve.ts';
import { KeyInUse } from '../../src/platform/kernel/command-key.ts';
import { isPrincipal, signPrincipal } from './principals.ts';

export interface OpenTransport<Api> {
  readonly api: Api;
  close(): Promise<void>;
}

/** A way to reach the API of a context. */
export type Transport = <Api extends object>(contract: ServiceContract, api: Api) => Promise<OpenTransport<Api>>;

export const LOCAL: Transport = async (_, api) => ({ api, close: async () => {} });

type Named = readonly [name: string, open: Transport];
/** Nothing is lost. */
export const SOUND_TRANSPORTS: readonly Named[] = [
  ['called locally', LOCAL],
  [
    'whose messages are encoded and decoded',
    async (contract, api) => ({ api: copied(contract, api), close: async () => {} }),
  ],
  ['called over gRPC', overGrpc('none')],
  ['called in batches over gRPC', overGrpc('none', 'batched')],
];
/** Faults that a command with a key survives, so a store that keeps keys is needed. A command without a key gets one. */
export const FAULTY_TRANSPORTS: readonly Named[] = [
  ['whose requests are lost once, over gRPC', overGrpc('request lost')],
  ['whose responses are lost once, over gRPC', overGrpc('response lost')],
  ['which gets every command twice at once, over gRPC', overGrpc('duplicate')],
  ['whose requests are lost once, in batches over gRPC', overGrpc('request lost', 'batched')],
  ['whose responses are lost once, in batches over gRPC', overGrpc('response lost', 'batched')],
  ['which gets every command twice in a batch, over gRPC', overGrpc('duplicate', 'batched')],
];
export const TRANSPORTS: readonly Named[] = [...SOUND_TRANSPORTS, ...FAULTY_TRANSPORTS];

type Operation = ServiceApi[string];

function eachMethod(
  contract: ServiceContract,
  api: object,
  wrap: (operation: Operation, method: MethodContract) => Operation,
): ServiceApi {
  const operations = Object.entries(contract.methods).flatMap(([name, method]) => {
    const operation = (api as ServiceApi)[name];
    return operation === undefined ? [] : [[name, wrap(operation, method)] as const];
  });
  return Object.fromEntries(operations);
}

const copyOf = (type: MethodContract['requestType'], message: unknown): unknown =>
  type.decode(type.encode(message as never).finish());

const copied = <Api extends object>(contract: ServiceContract, api: Api): Api =>
  eachMethod(
    contract,
    api,
    (operation, { requestType, responseType }) =>
      async (request) =>
        copyOf(responseType, await operation(copyOf(requestType, request) as never)),
  ) as Api;

type Fault = 'none' | 'request lost' | 'response lost' | 'duplicate';

const TOKEN = 'of-the-test';

function overGrpc(fault: Fault, form: 'unary' | 'batched' = 'unary'): Transport {
  return async <Api extends object>(contract: ServiceContract, api: Api): Promise<OpenTransport<Api>> => {
    const link = { cut: () => {} };
    let loseResponse = false;
    const served = eachMethod(contract, api, (operation) => async (request) => {
      const response = await operation(request);
      if (loseResponse) link.cut();
      loseResponse = false;
      return response;
    });
    const complete = { ...missing(contract), ...served };
    const server = await serveGrpc({
      services: [{ contract, api: complete }],
      host: '127.0.0.1',
      port: 0,
      credentials: ServerCredentials.createInsecure(),
      isMutual: false,
      denies: ({ token }) => (token === TOKEN ? undefined : { code: 'UNAUTHENTICATED', reason: 'another token' }),
      isPrincipal,
      log: pino({ level: 'silent' }),
    });
    const proxy = await cuttableProxy(server.port);
    link.cut = proxy.cut;
    const dialled = dial(contract, {
      addresses: staticAddresses([`127.0.0.1:${proxy.port}`]),
      credentials: credentials.createInsecure(),
      batched: form === 'batched' ? Object.keys(contract.methods) : [],
    });
    let inFlight = 0;
    const remote = eachMethod(contract, dialled.apiFor({ token: () => TOKEN, signPrincipal }), (call, method) => {
      if (fault === 'none' || !takesKey(method) || SHOWN_ONCE.has(method.name)) return call;
      return async (request: object) => {
        // What a test repeats with a key of its own says that it is a repeat.
        if ('commandKey' in request && request.commandKey !== undefined) return call(request as never);
        const keyed = { ...request, commandKey: newKey() } as never;
        inFlight += 1;
        try {
          if (fault === 'duplicate') return await once(await Promise.allSettled([call(keyed), call(keyed)]));
          // What is lost with another call's connection may be a call without a key.
          const isAlone = inFlight === 1;
          if (isAlone && fault === 'request lost') proxy.cutAtNextRequest();
          if (isAlone && fault === 'response lost') loseResponse = true;
          return asFirst(await call(keyed));
        } finally {
          inFlight -= 1;
        }
      };
    });
    return {
      api: remote as Api,
      async close() {
        dialled.close();
        await proxy.close();
        await server.stop(1_000);
      },
    };
  };
}

/** Suites of a part of a context have a part of its API. */
const missing = (contract: ServiceContract): ServiceApi =>
  Object.fromEntries(
    Object.keys(contract.methods).map((name) => [name, () => Promise.reject(new Error(`${name} is not in the API`))]),
  );

function takesKey({ requestType }: MethodContract): boolean {
  const empty = requestType.decode(new Uint8Array()) as object;
  return (copyOf(requestType, { ...empty, commandKey: newKey() }) as { commandKey?: unknown }).commandKey !== undefined;
}

/** A repeat of these does not return what the first one did: a secret is shown once. */
const SHOWN_ONCE = new Set(['CreateApiKey']);

const newKey = () => ({ scope: 'test', key: randomUUID(), requestHash: new Uint8Array(32) });

/** The response as the first command got it: a replay is the same, and says so. */
function asFirst(response: unknown): unknown {
  const { replayed } = response as { readonly replayed?: boolean };
  return replayed === undefined ? response : { ...(response as object), replayed: undefined };
}

/** The response that both commands got. While the first is executed, the second is refused as a key in use. */
async function once(outcomes: readonly PromiseSettledResult<unknown>[]): Promise<unknown> {
  const [value, ...others] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected' && (value === undefined || !(outcome.reason instanceof KeyInUse)))
      throw outcome.reason;
  }
  for (const other of others) {
    const [a, b] = [asFirst(value), asFirst(other)].map((response) => JSON.stringify(response, withBigints));
    if (a !== b) throw new Error(`one command sent twice got two responses: ${a} and ${b}`);
  }
  return asFirst(value);
}

const withBigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** A TCP proxy whose connections can be cut and frozen. */
export async function cuttableProxy(target: number) {
  const sockets = new Set<Socket>();
  let isArmed = false;
  let held: (() => void)[] | undefined;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  // Without noDelay the second packet of a message waits for the acknowledgement of the first, which the other side delays by 40 ms.
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    const pass = (to: Socket, chunk: Buffer): void => {
      if (held === undefined) to.write(chunk);
      else held.push(() => to.write(chunk));
    };
    client.on('data', (chunk) => {
      if (!isArmed) return pass(upstream, chunk);
      isArmed = false;
      return cut();
    });
    upstream.on('data', (chunk) => pass(client, chunk));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    cutAtNextRequest() {
      isArmed = true;
    },
    /** Holds back what is sent from now on, in both directions, until `thaw`. */
    freeze() {
      held = [];
    },
    thaw() {
      const sent = held ?? [];
      held = undefined;
      for (const pass of sent) pass();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
