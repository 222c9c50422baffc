import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ServerCredentials } from '@grpc/grpc-js';
import { pino } from 'pino';
import { storeContext } from '../../src/contexts/store/module.ts';
import type { ServiceApi } from '../../src/platform/grpc/contract.ts';
import { type ServeOptions, serveGrpc } from '../../src/platform/grpc/serve.ts';
import { isPrincipal } from './principals.ts';

export const STORE_CONTRACT = await storeContext.contract();
export const TOKEN = 'right';

/** How to end what a test started, in the reverse order. */
export type Undo = (() => Promise<unknown> | unknown)[];

/** Serves the store context in this process, and returns host:port. Operations that are not given fail. */
export async function serveStore(
  undo: Undo,
  operations: ServiceApi,
  log: ServeOptions['log'] = pino({ level: 'silent' }),
  right = TOKEN,
): Promise<string> {
  const others = Object.keys(STORE_CONTRACT.methods).map((name) => [name, () => Promise.reject(new Error(name))]);
  const server = await serveGrpc({
    services: [{ contract: STORE_CONTRACT, api: { ...Object.fromEntries(others), ...operations } }],
    host: '127.0.0.1',
    port: 0,
    credentials: ServerCredentials.createInsecure(),
    isMutual: false,
    denies: ({ token }) => (token === right ? undefined : { code: 'UNAUTHENTICATED', reason: 'no token of a service' }),
    isPrincipal,
    log,
  });
  undo.push(() => server.stop(500));
  return `127.0.0.1:${server.port}`;
}

export interface StoreProcess {
  readonly child: ChildProcess;
  readonly port: number;
  readonly address: string;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<unknown>;
}

/** Serves the store context in a process of its own; port 0 chooses a free one. `etcd`: where it registers. */
export async function startStoreProcess(undo: Undo, port = 0, etcd?: string): Promise<StoreProcess> {
  const child = spawn(
    process.execPath,
    ['test/support/store-service-process.ts', String(port), ...(etcd === undefined ? [] : [etcd])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  undo.push(() => end('SIGKILL'));
  const said = once(child.stdout as NonNullable<typeof child.stdout>, 'data') as Promise<[Buffer]>;
  const failed = exited.then(([code]) => Promise.reject(new Error(`the process of the store ended with ${code}`)));
  const [line] = await Promise.race([said, failed]);
  failed.catch(() => {});
  const bound = Number(line.toString());
  return { child, port: bound, address: `127.0.0.1:${bound}`, end };
}
