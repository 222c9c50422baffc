import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** `silent`: no byte and no end of a connection passes, neither side gets an error, and nothing is lost once it is open again. */
export type WireState = 'open' | 'silent' | { readonly delayMs: number };

/** A TCP proxy that can be as silent as a cut cable, or slow. */
export interface TcpWire {
  /** Of 127.0.0.1. */
  readonly port: number;
  set(state: WireState): void;
  /** Connects new clients with that port. */
  to(port: number): void;
  /** Cuts all connections. */
  close(): Promise<void>;
}

/** The bytes of a direction that wait at most; then its sender waits. */
const WAITING_BYTES_MAX = 1_000_000;

interface Waiting {
  readonly dueMs: number;
  /** Undefined: the end of the connection. */
  readonly chunk: Buffer | undefined;
}

/** Listens on a free port, and connects each client with that port of 127.0.0.1. */
export async function openWire(target: number): Promise<TcpWire> {
  let state: WireState = 'open';
  let port = target;
  const sockets = new Set<Socket>();
  const wakeUps = new Set<() => void>();

  /** Passes on what `from` sends, in order, each chunk when it is due. */
  function forward(from: Socket, to: Socket): void {
    const waiting: Waiting[] = [];
    let bytes = 0;
    let timer: NodeJS.Timeout | undefined;
    const pass = (): void => {
      clearTimeout(timer);
      while (state !== 'silent' && waiting[0] !== undefined && waiting[0].dueMs <= performance.now()) {
        const { chunk } = waiting.shift() as Waiting;
        if (chunk === undefined) return void to.destroySoon();
        bytes -= chunk.length;
        to.write(chunk);
      }
      if (bytes < WAITING_BYTES_MAX && to.writableLength < WAITING_BYTES_MAX) from.resume();
      const [next] = waiting;
      if (state !== 'silent' && next !== undefined)
        timer = setTimeout(pass, Math.max(0, next.dueMs - performance.now()));
    };
    const add = (chunk: Buffer | undefined): void => {
      const delayMs = typeof state === 'object' ? state.delayMs : 0;
      // What is sent after a slow time does not overtake what was sent in it.
      waiting.push({ dueMs: Math.max(performance.now() + delayMs, waiting.at(-1)?.dueMs ?? 0), chunk });
      bytes += chunk?.length ?? 0;
      if (bytes >= WAITING_BYTES_MAX || to.writableLength >= WAITING_BYTES_MAX) from.pause();
      pass();
    };
    from.on('data', add);
    from.on('error', () => undefined);
    from.once('close', () => add(undefined));
    to.on('drain', pass);
    wakeUps.add(pass);
    to.once('close', () => {
      wakeUps.delete(pass);
      clearTimeout(timer);
      sockets.delete(to);
    });
    sockets.add(to);
  }

  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) socket.setNoDelay(true);
    forward(client, upstream);
    forward(upstream, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      state = next;
      for (const wakeUp of wakeUps) wakeUp();
    },
    to(next) {
      port = next;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
